import type { Edit } from '../../cluster/edit/change.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import type { Volume } from '../../cluster/volume.ts'
import { mountedToken } from '../../engines/access/rules/token.ts'
import { livesOnItsRights } from '../accounts.ts'
import type { FixContext, Proposer } from '../fix.ts'
import { fixId } from './fix-id.ts'
import { removals } from './parts.ts'
import { surveyOf } from './survey.ts'
import { changesOf, nameOf, type Shown, type Template, templateNotes, templateOf } from './template.ts'
import { byId } from './without.ts'

/** The pods of a workload get no token, where its account has any rights: a pod's word goes over its account's. */
export const tokenOff: Proposer = {
  kind: 'token-off',
  propose(context) {
    const { withToken, able } = surveyOf(context)
    return byId(
      [...withToken].flatMap(([workload, steps]) => {
        if (!steps.some(({ to }) => able.has(to))) return []
        if (steps.some(({ to }) => livesOnItsRights(context, to))) return []
        const template = templateOf(workload)
        if (!template || !mayBeOff(context, template)) return []
        const changes = changesOf(context.cluster, template, tokenEdits)
        const accounts = [...new Set(steps.map(({ to }) => to))].sort()
        return changes.length === 0
          ? []
          : [
              {
                id: fixId('token-off', workload.id),
                kind: 'token-off',
                title: `Mount no service account token in ${nameOf(workload)}`,
                changes,
                witness: 'token' as const,
                serves: workload.id,
                notes: [
                  `Nothing in it may call the API server as ${accounts.join(', ')}: client libraries fail without the token.`,
                  ...templateNotes(template),
                ],
              },
            ]
      }),
    )
  },
}

/** What admission mounts into a pod that is made (plugin/pkg/admission/serviceaccount), not what a template asks for. */
const ADMITTED = /^kube-api-access-[a-z0-9]{5}$/

const isAdmitted = ({ name }: Pick<Volume, 'name'>): boolean => ADMITTED.test(name)

/** A token in a projected volume of the template's own is asked for, and no switch takes it away. */
function mayBeOff({ cluster }: FixContext, { workload, object, pods }: Template): boolean {
  const isMounted = (pod: PodSpec): boolean => mountedToken(cluster, workload, { pod, object }).truth === 'yes'
  return (
    pods.some(isMounted) &&
    !pods.some((pod) =>
      isMounted({ ...pod, automountToken: false, volumes: pod.volumes.filter((volume) => !isAdmitted(volume)) }),
    )
  )
}

function tokenEdits(shown: Shown): readonly Edit[] {
  const { pod } = shown
  const off: Edit[] =
    pod.automountToken === false
      ? []
      : [{ op: 'set', path: [...pod.path, 'automountServiceAccountToken'], value: false }]
  const admitted = pod.volumes.filter(isAdmitted)
  const mounts = pod.containers.flatMap((container) =>
    container.mounts.filter(({ volume }) => admitted.some(({ name }) => name === volume)),
  )
  return [...off, ...removals(shown, [...mounts, ...admitted])]
}
