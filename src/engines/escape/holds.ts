import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, list, string } from '../../cluster/json.ts'
import { idOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
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
    source: 'DESIGN section 2',
  },
  {
    kind: 'controls',
    title: 'controls',
    from: 'ControlPlane',
    to: 'everything in the input',
    chance: '1',
    precondition: 'none',
    source: 'DESIGN section 5',
  },
]

/** What a process in a pod of the workload has in its hands. */
export function* holdings(cluster: Cluster, known: Known): Generator<Edge> {
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const use of cluster.usesOf(workload)) {
      if (use.how === 'imagePullSecret' || use.kind === 'ConfigMap') continue
      const to = idOf(use.kind, workload.namespace, use.name)
      const what =
        use.how === 'volume'
          ? 'mounts it'
          : use.key === undefined
            ? 'takes its environment from it'
            : `takes an environment variable from its key ${use.key}`
      yield {
        kind: use.kind === 'Secret' ? 'holds-secret' : 'mounts-claim',
        from: workload.id,
        to,
        chance: 1,
        truth: 'yes',
        rule: use.how,
        because: [because(what, use.object, use.path)],
      }
    }
    yield* templateClaims(cluster, workload)
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

/** The claims that a StatefulSet's pods get: those of the input by name, else the first that will be made. */
function* templateClaims(cluster: Cluster, workload: Workload): Generator<Edge> {
  for (const [index, template] of list(at(workload.object?.body, 'spec', 'volumeClaimTemplates')).entries()) {
    const name = string(at(template, 'metadata', 'name'))
    if (name === undefined) continue
    const prefix = `${name}-${workload.name}-`
    const existing = cluster
      .ofKind('PersistentVolumeClaim')
      .filter(
        (claim) =>
          claim.namespace === workload.namespace &&
          claim.name.startsWith(prefix) &&
          /^\d+$/.test(claim.name.slice(prefix.length)),
      )
    const claims =
      existing.length > 0
        ? existing.map((claim) => claim.id)
        : [idOf('PersistentVolumeClaim', workload.namespace, `${prefix}0`)]
    const why = [because(`claim template ${name}`, workload.object, ['spec', 'volumeClaimTemplates', index])]
    for (const to of claims)
      yield { kind: 'mounts-claim', from: workload.id, to, chance: 1, truth: 'yes', rule: 'template', because: why }
  }
}

/** Whoever has the control plane has all that the input names. */
export function* controlPlaneHoldings(cluster: Cluster): Generator<Edge> {
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
}
