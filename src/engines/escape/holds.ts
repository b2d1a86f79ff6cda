import { because } from '../../cluster/because.ts'
import { claimsOf } from '../../cluster/claims.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { idOf } from '../../cluster/object.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../engine.ts'
import type { Known } from '../known.ts'

export const HOLDING_KINDS: readonly EdgeKind[] = [
  {
    kind: 'holds-secret',
    title: 'holds a Secret',
    from: 'workload',
    to: 'Secret',
    chance: '1',
    precondition: 'mounted, or in an environment variable of any container; image pull secrets are the kubelet’s',
    source: 'core/v1 types.go',
  },
  {
    kind: 'mounts-claim',
    title: 'holds data',
    from: 'workload',
    to: 'PersistentVolumeClaim',
    chance: '1',
    precondition: 'a claim is mounted or attached as a device, or made for each pod of a StatefulSet',
    source: 'core/v1 types.go',
  },
  {
    kind: 'stops',
    title: 'can stop its application',
    from: 'workload',
    to: 'Application',
    chance: '1',
    precondition: 'the workload belongs to the application',
    source: 'docs/reference/risk.md',
  },
  {
    kind: 'controls',
    title: 'controls',
    from: 'ControlPlane',
    to: 'everything in the input',
    chance: '1',
    precondition: 'none',
    source: 'docs/reference/risk.md',
  },
]

/** What a process in a pod of the workload has in its hands. */
export function* holdings(cluster: Cluster, known: Known): Generator<Edge> {
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const use of cluster.usesOf(workload)) {
      if (use.kind !== 'Secret' || use.how === 'imagePullSecret') continue
      const to = idOf('Secret', workload.namespace, use.name)
      const what =
        use.how === 'volume'
          ? 'mounts it'
          : use.key === undefined
            ? 'takes its environment from it'
            : `takes an environment variable from its key ${use.key}`
      yield {
        kind: 'holds-secret',
        from: workload.id,
        to,
        chance: 1,
        truth: 'yes',
        rule: use.how,
        because: [because(what, use.object, use.path)],
      }
    }
    for (const { id, how, because: why } of claimsOf(cluster, workload)) {
      yield { kind: 'mounts-claim', from: workload.id, to: id, chance: 1, truth: 'yes', rule: how, because: why }
    }
    const application = known.applicationOf(workload.id)
    if (application !== undefined)
      yield {
        kind: 'stops',
        from: workload.id,
        to: application,
        chance: 1,
        truth: 'yes',
        rule: '',
        because: [because('it is part of the application', workload.object)],
      }
  }
}

/** Whoever has the control plane has all that the input names. */
export function* controlPlaneHoldings(cluster: Cluster, known: Known): Generator<Edge> {
  const why = [because('the API server and its keys control it')]
  const edge = (to: string): Edge => ({
    kind: 'controls',
    from: CONTROL_PLANE,
    to,
    chance: 1,
    truth: 'yes',
    rule: '',
    because: why,
  })
  for (const node of cluster.placement.nodes) yield edge(node.id)
  for (const workload of cluster.workloads) if (!workload.finished) yield edge(workload.id)
  for (const kind of ['ServiceAccount', 'Secret', 'PersistentVolumeClaim'])
    for (const object of cluster.ofKind(kind)) yield edge(object.id)
  // What an operator will make a store of has no workload yet.
  for (const object of cluster.objects)
    if (known.isStore(object.id) && !cluster.workload(object.id)) yield edge(object.id)
}
