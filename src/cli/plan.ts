import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Problem, problem } from '../errors.ts'
import { openHistory } from '../history/files.ts'
import { type Analysis, type Options, plan } from '../loop.ts'
import { MEBIBYTE } from '../observe/files/source.ts'
import type { Plan } from '../plan/ports.ts'
import { collectFacts, type Facts } from '../prove/facts.ts'
import { analyseInput, tellProblems } from './analyse.ts'
import { EXIT, UsageError } from './exit.ts'
import { progress } from './progress.ts'
import type { CommonFlags } from './run.ts'

export interface PlanFlags extends CommonFlags {
  readonly history?: readonly string[]
  readonly steps?: number
  /** `--no-plan`. */
  readonly plan?: boolean
  readonly minDays?: number
  readonly maxUnseen?: number
}

export const STEPS = 10

export interface Planned {
  readonly analysis: Analysis
  readonly options: Options
  readonly facts?: Facts
  readonly plan?: Plan
  readonly code: number
}

/** Reads, judges, folds what history there is, and ranks. */
export async function planInput(flags: PlanFlags): Promise<Planned> {
  const { analysis, options, code: read } = await analyseInput(flags)
  const { facts, code: replayed } = await factsOf(flags, analysis)
  const code = Math.max(read, replayed)
  if (flags.plan === false) return { analysis, options, code, ...(facts ? { facts } : {}) }
  const showing = progress(flags.quiet === true || !flags.progress)
  showing.say('Ranking the changes')
  const made = plan(analysis, options, {
    steps: flags.steps ?? STEPS,
    proof: proofOptions(flags),
    judged: tidying(),
    ...(facts ? { facts } : {}),
  })
  showing.done()
  return { analysis, options, plan: made, code, ...(facts ? { facts } : {}) }
}

export function proofOptions({ minDays, maxUnseen }: PlanFlags): { minDays?: number; maxUnseen?: number } {
  return { ...(minDays === undefined ? {} : { minDays }), ...(maxUnseen === undefined ? {} : { maxUnseen }) }
}

/** What history there is, folded; tells on standard error what of it could not be read. */
export async function factsOf(flags: PlanFlags, { cluster }: Analysis): Promise<{ facts?: Facts; code: number }> {
  const { history: paths } = flags
  if (paths === undefined) return { code: EXIT.ok }
  if (paths.includes('-') && flags.filename?.includes('-'))
    throw new UsageError('standard input can be read once: by -f - or by --history -')
  const showing = progress(flags.quiet === true || !flags.progress)
  const history = await openHistory(paths, {
    cluster,
    stdin: process.stdin,
    progress: (file: string, records: number) => showing.say(`Replaying ${file} (${records} records so far)`),
  })
  const facts = await collectFacts(history, cluster)
  showing.done()
  const { sources } = facts.coverage
  const problems: Problem[] = [...history.problems, ...sources.flatMap((source) => source.problems)]
  if (sources.length === 0 && problems.length === 0)
    problems.push(
      problem('BH_JSON', { why: 'holds neither an audit log nor a log of flows' }, { file: paths.join(', ') }),
    )
  if (flags.quiet !== true) tellProblems(problems)
  return { facts, code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}

/** A plan makes as much garbage as it judges clusters, and V8 would rather grow than look for it. */
const LEAST_HEAP = 160 * MEBIBYTE
const GARBAGE = 1.2

function tidying(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let most = LEAST_HEAP
  return () => {
    if (process.memoryUsage().heapUsed < most) return
    collect()
    most = Math.max(LEAST_HEAP, GARBAGE * process.memoryUsage().heapUsed)
  }
}
