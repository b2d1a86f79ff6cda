import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { idOf } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge } from '../../engine.ts'
import { deputiesOf, type FoundDeputy } from '../deputies.ts'
import { type Probe, probe, probes } from '../probe.ts'
import { allows, isOwnStep, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, placesOf, step } from '../rule.ts'
import type { ScopeKinds } from '../scopes.ts'
import { templateResources } from './templates.ts'

const FROM = 'User, Group, ServiceAccount'
const DEFINITIONS = probes(['update', 'patch'], 'apiextensions.k8s.io', ['customresourcedefinitions'])

interface Prepared {
  readonly deputy: FoundDeputy
  readonly creating: readonly Probe[]
  readonly changing: readonly Probe[]
  readonly needs: readonly Probe[]
}

/** Rights to write what a controller with more rights does as it is told (deputies.json). */
export function deputyRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  const templates = new Set(templateResources(cluster).map(({ group, resource }) => `${group}/${resource}`))
  const prepared = deputiesOf(cluster).found.flatMap((deputy): readonly Prepared[] => {
    // What embeds a pod template is another rule's.
    const resources = deputy.resources.filter((each) => !templates.has(`${deputy.group}/${each}`))
    return resources.length === 0
      ? []
      : [
          {
            deputy,
            creating: probes(['create'], deputy.group, resources),
            changing: deputy.objects.length === 0 ? [] : probes(['update', 'patch'], deputy.group, resources),
            needs: (deputy.needs ?? []).map(([group = '', resource = '']) => probe('create', group, resource)),
          },
        ]
  })
  return [writeObeyed(kinds, prepared), writeConverted(kinds, prepared)]
}

function writeObeyed(kinds: ScopeKinds, all: readonly Prepared[]): AccessRule {
  return {
    kinds: [
      {
        kind: 'deputy',
        title: 'writes what a controller does with rights of its own',
        from: FROM,
        to: 'the controller’s ServiceAccount or workload, Scopes of pods, accounts and Secrets, or ControlPlane, by what it does',
        chance: '1',
        precondition:
          '`create` on a resource that a known controller obeys, or `update` or `patch` on such an object of the input; the controller is in the input. Flux, Argo CD, Velero, Kyverno, Gatekeeper, External Secrets, OLM, Crossplane, KubeVirt, Karpenter, operators of pods, Fleet, k3s. Unknown where what it gives depends on more than can be seen, such as a source that the subject may not write',
        source: 'of this product: src/engines/access/deputies.json',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const each of all)
        for (const { namespace, right } of placesOf(rights, ...each.creating, ...each.changing)) {
          if (!isObeyed(each, namespace, right, context)) continue
          const { by, truth } = withNeeds(rights, namespace, right, each)
          for (const to of targetsOf(each.deputy, namespace, kinds, context))
            yield* once(told, step('deputy', rights, to, by, { truth, because: why(each.deputy) }))
        }
    },
  }
}

/** Conversion is asked for whatever version of an object is read that is not the one in store, and the definition says which. */
function writeConverted(kinds: ScopeKinds, all: readonly Prepared[]): AccessRule {
  return {
    kinds: [
      {
        kind: 'write-converted',
        title: 'has the objects that a controller obeys sent to itself and changed',
        from: FROM,
        to: 'as deputy',
        chance: '1',
        precondition:
          '`update` or `patch` on the CustomResourceDefinition of a resource of deputy, for all or by name, cluster-wide, and an object of it in the input; unknown where more is needed than that object',
        source: 'apiextensions-apiserver/pkg/apiserver/conversion',
      },
    ],
    *edges(rights, context) {
      if (all.length === 0) return
      const told = new Set<string>()
      for (const right of rights.in('', ...DEFINITIONS)) {
        if (!isOwnStep(rights.subject, [right])) continue
        for (const { deputy, needs } of all) {
          if (deputy.objects.length === 0) continue
          if (!deputy.resources.some((each) => allows(right, `${each}.${deputy.group}`))) continue
          const truth = deputy.truth ?? (needs.length > 0 ? 'unknown' : 'yes')
          const places = new Set(deputy.objects.map(({ namespace }) => namespace))
          for (const place of places)
            for (const to of targetsOf(deputy, place, kinds, context))
              yield* once(told, step('write-converted', rights, to, [right], { truth, because: why(deputy) }))
        }
      }
    },
  }
}

function isObeyed(
  { deputy, creating: created }: Prepared,
  place: string,
  right: Right,
  { scopes }: AccessContext,
): boolean {
  if (deputy.scope === 'cluster' && place !== '') return false
  const within = deputy.scope === 'cluster' ? undefined : new Set(scopes.within(place))
  if (deputy.place === 'own' && !deputy.workloads.some(({ namespace }) => within?.has(namespace))) return false
  if (created.includes(right.probe)) return right.names === undefined
  return deputy.objects.some(({ namespace, name }) => (!within || within.has(namespace)) && allows(right, name))
}

/** What has to be written besides is to be written in the same place. */
function withNeeds(
  rights: Rights,
  place: string,
  right: Right,
  { deputy, needs }: Prepared,
): { readonly by: readonly Right[]; readonly truth: Edge['truth'] } {
  if (needs.length === 0) return { by: [right], truth: deputy.truth ?? 'yes' }
  const [also] = creating(rights, place, ...needs)
  return also ? { by: [right, also], truth: deputy.truth ?? 'yes' } : { by: [right], truth: 'unknown' }
}

function targetsOf(
  { gives, workloads, scope }: FoundDeputy,
  namespace: string,
  kinds: ScopeKinds,
  { scopes }: AccessContext,
): readonly string[] {
  const place = scope === 'cluster' ? '' : namespace
  switch (gives) {
    case 'account':
      return [
        ...new Set(
          workloads.flatMap((workload) =>
            workload.specs.map(({ pod }) => idOf('ServiceAccount', workload.namespace, pod.serviceAccountName)),
          ),
        ),
      ]
    case 'workload':
      return workloads.map(({ id }) => id)
    case 'pods':
    case 'scheduled':
      return [scopes.of(kinds.pods, '')]
    case 'admitted-pods':
      return [scopes.of(kinds.admittedPods, place)]
    case 'new-pods':
      return [scopes.of(kinds.newPods, place)]
    case 'accounts':
      return [scopes.of(kinds.serviceAccounts, place), scopes.of(kinds.secrets, place)]
    case 'control-plane':
      return [CONTROL_PLANE]
    default:
      return gives satisfies never
  }
}

function why({ product, why: reason, workloads, definitionObject }: FoundDeputy): readonly Because[] {
  return [because(`${product}: ${reason}`, workloads[0]?.object ?? definitionObject)]
}
