import type { Edit } from '../../cluster/edit/change.ts'
import { at, isObject, type Path } from '../../cluster/json.ts'
import type { Container } from '../../cluster/pod.ts'
import type { Edge } from '../../engines/engine.ts'
import { isRoot } from '../../engines/escape/step.ts'
import type { Proposer } from '../fix.ts'
import { HOST_PATH_STEPS } from './parts.ts'
import { surveyOf } from './survey.ts'
import { nameOf, type Shown, templateOf } from './template.ts'
import { byId, withoutParts } from './without.ts'

/** Steps that only root takes. `privileged` has a fix of its own that asks for less. */
const needsRoot = ({ kind }: Edge): boolean =>
  kind === 'capability' ||
  kind === 'node-outage' ||
  kind === 'host-pid' ||
  kind === 'unmasked-proc' ||
  HOST_PATH_STEPS.has(kind)

/**
 * The containers of a workload run as the restricted Pod Security level wants them: as another user than root, without
 * a way back, without capabilities, and under the runtime's seccomp profile.
 */
export const secureContext: Proposer = {
  kind: 'secure-context',
  propose: (context) =>
    byId(
      [...surveyOf(context).escaping].flatMap(([workload, steps]) => {
        const template = templateOf(workload)
        // Windows knows none of these fields; where `os` says so, the API server refuses them.
        if (!template || !steps.some(needsRoot) || template.pods.some((pod) => pod.windows)) return []
        const containers = template.pods.flatMap((pod) => pod.containers)
        if (containers.every((container) => isRoot(container) === 'no')) return []
        return withoutParts(
          context,
          template,
          [
            {
              what: 'root',
              note: 'Its images must name a user other than root by number, or `runAsUser` must be set, or its containers do not start; files and ports below 1024 must be open to that user.',
              edits: restricted,
            },
          ],
          { kind: 'secure-context', title: `Run ${nameOf(workload)} as an ordinary user without capabilities` },
        )
      }),
    ),
}

const KEPT_PROFILES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost'])

function restricted(shown: Shown): readonly Edit[] {
  const { object, pod, containers } = shown
  const context: Path = [...pod.path, 'securityContext']
  const has = (key: string): unknown => at(object.body, ...context, key)
  return [
    ...(has('runAsNonRoot') === true ? [] : [set(true, ...context, 'runAsNonRoot')]),
    ...(has('runAsUser') === 0 ? [remove(...context, 'runAsUser')] : []),
    ...(KEPT_PROFILES.has(String(at(object.body, ...context, 'seccompProfile', 'type')))
      ? []
      : [set({ type: 'RuntimeDefault' }, ...context, 'seccompProfile')]),
    ...containers.flatMap((container) => ofContainer(shown, container)),
  ]
}

const set = (value: Extract<Edit, { op: 'set' }>['value'], ...path: Path): Edit => ({ op: 'set', path, value })
const remove = (...path: Path): Edit => ({ op: 'remove', path })

/** The container's own word goes over the pod's. The API server refuses `privileged` without privilege escalation. */
function ofContainer({ object }: Shown, { path, security }: Container): readonly Edit[] {
  const context: Path = [...path, 'securityContext']
  const own = (...keys: Path): unknown => at(object.body, ...context, ...keys)
  const profile = own('seccompProfile', 'type')
  const keepsBind = security.added.includes('NET_BIND_SERVICE')
  const isWithin = security.added.every((each) => each === 'NET_BIND_SERVICE')
  const drops = own('capabilities', 'drop')
  return [
    ...(security.privileged ? [remove(...context, 'privileged')] : []),
    ...(security.procMount === 'Unmasked' ? [remove(...context, 'procMount')] : []),
    ...(own('runAsNonRoot') === false ? [set(true, ...context, 'runAsNonRoot')] : []),
    ...(own('runAsUser') === 0 ? [remove(...context, 'runAsUser')] : []),
    ...(security.allowPrivilegeEscalation === false ? [] : [set(false, ...context, 'allowPrivilegeEscalation')]),
    ...(isObject(own('seccompProfile') as never) && !KEPT_PROFILES.has(String(profile))
      ? [remove(...context, 'seccompProfile')]
      : []),
    ...(isWithin
      ? []
      : [
          keepsBind
            ? set(['NET_BIND_SERVICE'], ...context, 'capabilities', 'add')
            : remove(...context, 'capabilities', 'add'),
        ]),
    ...(security.dropped.includes('ALL')
      ? []
      : [
          Array.isArray(drops)
            ? ({ op: 'append', path: [...context, 'capabilities', 'drop'], value: 'ALL' } as const)
            : set(['ALL'], ...context, 'capabilities', 'drop'),
        ]),
  ]
}
