import { everythingRule } from '../../../authz/rules.ts'
import { because } from '../../../cluster/because.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import { probe, probes } from '../probe.ts'
import { type Right, type Rights, ruleId, whyRight } from '../rights.ts'
import type { AccessContext } from '../rule.ts'
import type { ScopeKind } from '../scope.ts'
import type { ScopeKinds } from '../scopes.ts'
import { opensPolicies, POLICY_RIGHTS } from './sending.ts'

/**
 * Steps that take a right and a place at once: the token of a service account, and the pod or the node where it is held. They
 * start where both are: at the workload, or at the node that runs it.
 */

export const HOLDER_KINDS: readonly EdgeKind[] = [
  {
    kind: 'draw-pods',
    title: 'has pods of others come to it',
    from: 'Node',
    to: 'workload, or Scope pods that are made again',
    chance: '1',
    precondition:
      'it runs a workload whose service account may drive pods away (`delete` or `deletecollection` on pods, or `create` on pods/eviction) and keep them from other nodes: `update` or `patch` on nodes (taints, labels) or nodes/status (what they can hold), cluster-wide; with `create` on pods/binding, which the scheduler may forestall, it is unknown. Pods that a controller makes again, of no node by name',
    source: 'pkg/scheduler; plugin/pkg/admission/noderestriction',
  },
  {
    kind: 'drop-own-policies',
    title: 'takes away the NetworkPolicies of its own namespace',
    from: 'workload',
    to: 'Reach',
    chance: '1',
    precondition:
      'its service account may write the networkpolicies of its namespace, as for drop-policies; its token reaches the API server',
    source: 'k8s.io/api networking/v1 types.go',
  },
]

const AWAY = [...probes(['delete', 'deletecollection'], '', ['pods']), probe('create', '', 'pods/eviction')]
const STEER = probes(['update', 'patch'], '', ['nodes', 'nodes/status'])
const BIND = [probe('create', '', 'pods/binding'), probe('create', '', 'bindings')]

interface Drawing {
  readonly place: string
  readonly by: readonly Right[]
  readonly truth: Edge['truth']
}

export function* holderEdges(
  tokens: readonly Edge[],
  rightsOf: (subject: string) => Rights | undefined,
  kinds: ScopeKinds,
  context: AccessContext,
): Generator<Edge> {
  const { cluster } = context
  const movable = movablePods(kinds)
  const drawings = new Map<string, readonly Drawing[]>()
  const told = new Set<string>()
  for (const token of tokens) {
    const workload = cluster.workload(token.from)
    const rights = rightsOf(token.to)
    // Whoever may do everything needs no such step.
    if (!workload || !rights || mayAll(rights)) continue
    const own = drawings.get(token.to) ?? drawingsOf(rights)
    drawings.set(token.to, own)
    yield* dropping(token, workload, rights, context)
    for (const { place, by, truth } of own) {
      for (const { node, truth: placed } of cluster.placement.placesOf(workload)) {
        const to = context.scopes.of(movable, place)
        const key = `${node.id} ${to} ${ruleId(...by)}`
        if (told.has(key)) continue
        told.add(key)
        yield {
          kind: 'draw-pods',
          from: node.id,
          to,
          chance: 1,
          truth: truth === 'yes' && placed === 'yes' && token.truth === 'yes' ? 'yes' : 'unknown',
          rule: `${workload.id} ${ruleId(...by)}`,
          because: [
            because(`a pod of ${workload.name} runs there`, workload.object),
            ...token.because,
            ...by.flatMap(whyRight),
          ],
        }
      }
    }
  }
}

function mayAll({ held }: Rights): boolean {
  return held.some(({ namespace, role }) => namespace === '' && everythingRule(role.rules) >= 0)
}

/** With all names: of which pods a name will be is not known before they are made. */
function drawingsOf(rights: Rights): readonly Drawing[] {
  const all = (right: Right): boolean => right.names === undefined
  const steers = rights.in('', ...STEER).filter(all)
  const found: Drawing[] = []
  for (const place of ['', ...rights.namespaces]) {
    const away = rights.in(place, ...AWAY).filter(all)
    const here = away.find((right) => right.held.namespace === place)
    const binds = rights.in(place, ...BIND).find(all)
    const [steer] = steers
    if (here && steer) found.push({ place, by: [here, steer], truth: 'yes' })
    else if (away[0] && binds && (here || binds.held.namespace === place))
      found.push({ place, by: [here ?? away[0], binds], truth: 'unknown' })
  }
  return found
}

function movablePods(kinds: ScopeKinds): ScopeKind {
  return {
    name: 'pods that are made again',
    *members(namespace) {
      for (const workload of kinds.workloadsIn(namespace)) {
        // A DaemonSet's pods are each for a node, a pod without a controller does not come again.
        if (workload.kind === 'Pod' || workload.kind === 'DaemonSet') continue
        if (workload.specs.every(({ pod }) => pod.nodeName !== undefined && !workload.pods.length)) continue
        yield {
          to: workload.id,
          because: [because('its pods are made again when they are driven away', workload.object)],
        }
      }
    },
  }
}

function* dropping(token: Edge, workload: Workload, rights: Rights, context: AccessContext): Generator<Edge> {
  const { namespace } = workload
  const right = rights.in(namespace, ...POLICY_RIGHTS).find((each) => opensPolicies(each, namespace, context.cluster))
  const to = right && context.known.chosenLabels(namespace).unguarded
  if (to === undefined || !right) return
  yield {
    kind: 'drop-own-policies',
    from: workload.id,
    to,
    chance: 1,
    truth: token.truth,
    rule: `${token.to} ${ruleId(right)}`,
    because: [...token.because, ...whyRight(right)],
  }
}
