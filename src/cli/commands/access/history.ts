import type { Cluster } from '../../../cluster/cluster.ts'
import { type Problem, problem } from '../../../errors.ts'
import type { History } from '../../../history/history.ts'
import type { Fold } from '../../../history/pass.ts'
import type { Facts } from '../../../prove/facts.ts'
import { EXIT } from '../../exit.ts'
import { tellProblems } from '../../read.ts'
import { openRecorded } from '../../recorded.ts'
import type { IdentityFlags } from './register.ts'

/** What proofs need of the history, and other folds over the same records: one reading of the logs. */
export async function factsAndFolds(
  flags: IdentityFlags,
  cluster: Cluster,
  folds: readonly Fold[],
): Promise<{ readonly facts: Facts | undefined; readonly code: number }> {
  const { history: paths } = flags
  if (paths === undefined) return { facts: undefined, code: EXIT.ok }
  const { collectFacts } = await import('../../../prove/facts.ts')
  const { history, done } = await openRecorded(paths, flags, cluster)
  const facts = await collectFacts(withFolds(history, folds), cluster)
  done()
  const { sources } = facts.coverage
  const problems: Problem[] = [...history.problems, ...sources.flatMap((source) => source.problems)]
  if (sources.every(({ kind, records }) => kind !== 'audit' || records === 0) && problems.length === 0)
    problems.push(problem('BH_HISTORY', { why: 'holds no audit log' }, { file: paths.join(', ') }))
  if (flags.quiet !== true) tellProblems(problems)
  return { facts, code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}

function withFolds(history: History, folds: readonly Fold[]): History {
  return {
    connections: () => history.connections(),
    coverage: () => history.coverage(),
    async *accesses() {
      for await (const batch of history.accesses({ passing: true })) {
        for (const access of batch) for (const fold of folds) fold.add(access)
        yield batch
      }
    },
  }
}
