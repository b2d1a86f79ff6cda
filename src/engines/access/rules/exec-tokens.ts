import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge } from '../../engine.ts'
import type { Known } from '../../known.ts'
import type { Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, placesOf, step } from '../rule.ts'
import type { ScopeKind } from '../scope.ts'
import { kubeletProbes } from './nodes.ts'
import { commandProbes, podsNamed } from './pods.ts'
import { mountedToken } from './token.ts'

interface Held {
  readonly workload: Workload
  readonly to: string
  readonly because: readonly Because[]
}

/**
 * A token in a pod that does not reach the API server is of no use there. Whoever runs commands in the pod asks the API
 * server already, and has what a command prints.
 */
export function execTokenRule(cluster: Cluster, known: Known): AccessRule {
  let all: readonly Held[] | undefined
  const held = (): readonly Held[] => {
    all ??= cluster.workloads.flatMap((workload) => heldIn(cluster, known, workload))
    return all
  }
  const scope: ScopeKind = {
    name: 'tokens in pods',
    members: (namespace) => held().filter(({ workload }) => workload.namespace === namespace),
  }
  const named = podsNamed(cluster)
  return {
    kinds: [
      {
        kind: 'exec-token',
        title: 'reads a token by a command in its pod',
        from: 'User, Group, ServiceAccount',
        to: 'ServiceAccount',
        chance: '1',
        precondition:
          'what `exec`, `attach` or `kubelet-exec` needs, and the pod holds a token that does not reach the API server, or may not: where it does, the way is through the pod',
        source: 'docs/reference/risk.md',
      },
    ],
    *edges(rights, context) {
      if (held().length === 0) return
      yield* byName(rights, context)
      for (const { namespace, right } of placesOf(rights, ...kubeletProbes())) {
        if (namespace !== '') continue
        if (right.names === undefined) yield step('exec-token', rights, context.scopes.of(scope, ''), [right])
        else
          for (const { workload, to, because: why } of held()) {
            const place = cluster.placement.placesOf(workload).find(({ node }) => right.names?.includes(node.name))
            if (place) yield step('exec-token', rights, to, [right], { truth: place.truth, because: why })
          }
      }
    },
  }

  function* byName(rights: Rights, { scopes }: AccessContext): Generator<Edge> {
    for (const { namespace, right } of placesOf(rights, ...commandProbes(cluster))) {
      const within = new Set(scopes.within(namespace))
      const here = held().filter(({ workload }) => within.has(workload.namespace))
      if (here.length === 0) continue
      if (right.names === undefined) {
        yield step('exec-token', rights, scopes.of(scope, namespace), [right])
        continue
      }
      for (const { workload, to, because: why } of here)
        if (right.names.some((name) => named(workload.namespace, name).includes(workload.id)))
          yield step('exec-token', rights, to, [right], { because: why })
    }
  }
}

function heldIn(cluster: Cluster, known: Known, workload: Workload): readonly Held[] {
  if (workload.finished) return []
  const found = new Map<string, readonly Because[]>()
  for (const shape of workload.specs) {
    const to = idOf('ServiceAccount', workload.namespace, shape.pod.serviceAccountName)
    const mounted = found.has(to) ? undefined : mountedToken(cluster, workload, shape)
    if (mounted?.truth === 'yes') found.set(to, mounted.because)
  }
  if (found.size === 0 || known.reachesApiServer(workload).truth === 'yes') return []
  return [...found].map(([to, why]) => ({
    workload,
    to,
    because: [...why, because(`a command in a pod of ${workload.name} prints it`, workload.object)],
  }))
}
