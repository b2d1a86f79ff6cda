import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import { CHANCE } from '../../engine.ts'
import { type Probe, probes } from '../probe.ts'
import { type AccessRule, placesOf, step } from '../rule.ts'
import type { ScopeKinds } from '../scopes.ts'

/** `get` is enough: the kubelet runs commands over a WebSocket that opens with GET (kubernetes/kubernetes#119640, still so in 1.36). */
const PROXY = probes(['get', 'create'], '', ['nodes/proxy'])

/** Rights to run commands in the pods of nodes. */
export function kubeletProbes(): readonly Probe[] {
  return PROXY
}

const STATE = [...probes(['get'], '', ['nodes/log']), ...probes(['create'], '', ['nodes/checkpoint'])]

/** Rights on nodes. They are cluster-scoped: a RoleBinding grants none. */
export function nodeRules(kinds: ScopeKinds): readonly AccessRule[] {
  const from = 'User, Group, ServiceAccount'
  return [
    {
      kinds: [
        {
          kind: 'kubelet-exec',
          title: 'runs commands in every pod of a node through the kubelet',
          from,
          to: 'workload',
          chance: '1',
          precondition:
            '`get` or `create` on `nodes/proxy`, for all nodes or by name, cluster-wide; past admission and the audit log',
          source: 'pkg/kubelet/server/auth.go',
        },
      ],
      *edges(rights, context) {
        for (const { namespace, right } of placesOf(rights, ...PROXY)) {
          if (namespace !== '') continue
          if (right.names === undefined) {
            yield step('kubelet-exec', rights, context.scopes.of(kinds.pods, ''), [right])
            continue
          }
          for (const workload of context.cluster.workloads) {
            if (workload.finished) continue
            const place = context.cluster.placement
              .placesOf(workload)
              .find((each) => right.names?.includes(each.node.name))
            if (place)
              yield step('kubelet-exec', rights, workload.id, [right], {
                truth: place.truth,
                because: [because(`a pod of ${workload.name} runs on ${place.node.name}`, workload.object)],
              })
          }
        }
      },
    },
    {
      kinds: [
        {
          kind: 'node-state',
          title: 'reads logs of a node, or has a container’s memory written to it',
          from,
          to: 'Node',
          chance: '0.02',
          precondition:
            '`get` on `nodes/log`, or `create` on `nodes/checkpoint`: no control by itself, but what is read may hold credentials',
          source: 'pkg/kubelet/server/auth.go',
        },
      ],
      *edges(rights, context) {
        for (const { namespace, right } of placesOf(rights, ...STATE)) {
          if (namespace !== '') continue
          const nodes = context.cluster.placement.nodes.filter(
            (node) => right.names === undefined || right.names.includes(node.name),
          )
          for (const node of nodes)
            yield step('node-state', rights, idOf('Node', '', node.name), [right], { chance: CHANCE.unserved })
        }
      },
    },
  ]
}
