import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED } from '../../../authz/subjects.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Known } from '../../known.ts'

export const ANONYMOUS_KINDS: readonly EdgeKind[] = [
  {
    kind: 'anonymous',
    title: 'asks the API server without a token',
    from: 'workload, Group system:authenticated',
    to: 'User system:anonymous, Group system:unauthenticated',
    chance: '1',
    precondition:
      'system:anonymous or system:unauthenticated may do anything of note, and the workload’s egress reaches the API server; whoever authenticates can as well leave its credential out',
    source: 'apiserver/pkg/authentication/request/anonymous',
  },
]

export function* anonymousEdges(
  cluster: Cluster,
  known: Known,
  isStrong: (subject: string) => boolean,
): Generator<Edge> {
  const strong = anonymousSubjects(isStrong)
  if (strong.length === 0) return
  const edges = (from: string, truth: Edge['truth'], why: Edge['because']): readonly Edge[] =>
    strong.map((to) => ({ kind: 'anonymous', from, to, chance: 1, truth, rule: '', because: why }))
  yield* edges(idOf('Group', '', AUTHENTICATED), 'yes', [because('a request may leave its credential out')])
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    const reached = known.reachesApiServer(workload)
    if (reached.truth !== 'no') yield* edges(workload.id, reached.truth, reached.because)
  }
}

/** Of the two as which a request without a token is bound, those that may do anything of note. */
export function anonymousSubjects(isStrong: (subject: string) => boolean): readonly string[] {
  return [idOf('User', '', ANONYMOUS), idOf('Group', '', UNAUTHENTICATED)].filter(isStrong)
}
