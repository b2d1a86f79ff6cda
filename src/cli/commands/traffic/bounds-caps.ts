import type { Cluster } from '../../../cluster/cluster.ts'
import { type Bounds, type BoundsInput, boundsOf } from '../../../engines/traffic/bounds/bill.ts'
import { moneyText } from '../../../engines/traffic/prices/money.ts'
import { problem } from '../../../errors.ts'
import { applied } from '../../../fix/caps/applied.ts'
import { capsFor } from '../../../fix/caps/caps.ts'
import { PeaksFold } from '../../../fix/caps/peaks.ts'
import type { Record } from '../../../fix/caps/replay.ts'
import { capsText } from '../../../report/traffic/bounds-caps.ts'
import { EXIT } from '../../exit.ts'
import { type Target, write } from '../../output.ts'
import { progress } from '../../progress.ts'
import { tellProblems } from '../../read.ts'
import type { BoundsFlags } from './bounds.ts'

const HEADROOM = 1.5

/** Prints the objects that cap what has no end, each with what the record says of it, and what they would change. */
export async function writeCaps(
  flags: BoundsFlags,
  cluster: Cluster,
  bounds: Bounds,
  input: BoundsInput,
  target: Target | undefined,
): Promise<number> {
  const { record, code } = await recordOf(flags, cluster)
  const caps = capsFor(cluster, bounds, flags.headroom ?? HEADROOM, record, (capped) => boundsOf(capped, input))
  const after = boundsOf(applied(cluster, caps), input)
  const worst = (of: Bounds): string => `${of.currency} ${moneyText(of.totals.all.worst)}`
  const open = (of: Bounds): number => of.items.filter(({ unbounded }) => unbounded).length
  const told = { caps, worst: [worst(bounds), worst(after)], open: [open(bounds), open(after)] } as const
  await write(capsText(told), { format: 'yaml', file: target?.file })
  return code
}

async function recordOf(flags: BoundsFlags, cluster: Cluster): Promise<{ record: Record | undefined; code: number }> {
  const { history: paths } = flags
  if (paths === undefined) return { record: undefined, code: EXIT.ok }
  const showing = progress(flags.quiet === true || !flags.progress)
  const [{ openHistory }, { passOver }, { podsOf }] = await Promise.all([
    import('../../../history/files.ts'),
    import('../../../history/pass.ts'),
    import('../../../prove/pods.ts'),
  ])
  const history = await openHistory(paths, {
    cluster,
    stdin: process.stdin,
    progress: (file: string, records: number) => showing.say(`Reading ${file} (${records} records so far)`),
  })
  const fold = new PeaksFold(podsOf(cluster).workloadOf)
  await passOver(history, [fold])
  showing.done()
  const { sources } = history.coverage()
  const source = sources.find(({ kind }) => kind === 'audit')
  const problems = [...history.problems, ...sources.flatMap((each) => each.problems)]
  if (!source && problems.length === 0)
    problems.push(problem('BH_HISTORY', { why: 'holds no audit log' }, { file: paths.join(', ') }))
  if (flags.quiet !== true) tellProblems(problems)
  const code = problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok
  return { record: source ? { peaks: fold.peaks(standingOf(cluster)), source } : undefined, code }
}

/** Pods that the input shows, by namespace and by workload. */
function standingOf(cluster: Cluster): (of: string) => number {
  const counts = new Map<string, number>()
  for (const { id, namespace, pods } of cluster.workloads) {
    counts.set(id, pods.length)
    counts.set(namespace, (counts.get(namespace) ?? 0) + pods.length)
  }
  return (of) => counts.get(of) ?? 0
}
