import { policyOf } from '../engines/access/policy.ts'
import { recordedMemberships } from '../engines/access/recorded-memberships.ts'
import { type Problem, problem } from '../errors.ts'
import { openHistory } from '../history/files.ts'
import { type Analysis, analyse, type Options, plan } from '../loop.ts'
import type { Plan } from '../plan/ports.ts'
import { collectFacts, type Facts } from '../prove/facts.ts'
import { analyseInput } from './analyse.ts'
import { EXIT } from './exit.ts'
import type { CommonFlags } from './options.ts'
import { progress } from './progress.ts'
import { tellProblems } from './read.ts'
import { readOnce } from './standard-input.ts'
import { tidying } from './tidy.ts'

export interface PlanFlags extends CommonFlags {
  readonly history?: readonly string[]
  readonly steps?: number
  /** `--no-plan`. */
  readonly plan?: boolean
  readonly minDays?: number
  readonly maxUnseen?: number
}

export const STEPS = 10
/** Each step judges the whole cluster again: beyond these it takes minutes and gigabytes, and only who asks waits for it. */
const MOST_WORKLOADS = 20_000
const MOST_OBJECTS = 60_000

export interface Planned {
  readonly analysis: Analysis
  readonly options: Options
  readonly facts?: Facts
  readonly plan?: Plan
  readonly code: number
}

/** Reads, judges, folds what history there is, and ranks. */
export async function planInput(flags: PlanFlags): Promise<Planned> {
  const { analysis: first, options: given, code: read } = await analyseInput(flags)
  const { facts, code: replayed } = await factsOf(flags, first)
  const code = Math.max(read, replayed)
  const { analysis, options } = withMemberships(first, given, facts)
  const judged = { analysis, options, code, ...(facts ? { facts } : {}) }
  if (flags.plan === false) return judged
  const { workloads, objects } = analysis.cluster
  if (flags.steps === undefined && (workloads.length > MOST_WORKLOADS || objects.length > MOST_OBJECTS)) {
    if (flags.quiet !== true)
      process.stderr.write(
        `no plan is made of ${objects.length} objects with ${workloads.length} workloads unless asked for: --steps N\n`,
      )
    return judged
  }
  const showing = progress(flags.quiet === true || !flags.progress)
  const tidy = tidying()
  let count = 0
  const made = plan(analysis, options, {
    steps: flags.steps ?? STEPS,
    proof: proofOptions(flags),
    judged: () => {
      showing.say(`Ranking the changes (${++count} judged so far)`)
      tidy()
    },
    ...(facts ? { facts } : {}),
  })
  showing.done()
  return { ...judged, plan: made }
}

/** Groups of users are in no object: where the history tells of some that are bound, all is judged once more. */
function withMemberships(
  analysis: Analysis,
  options: Options,
  facts: Facts | undefined,
): Pick<Planned, 'analysis' | 'options'> {
  const memberships = recordedMemberships(facts?.access?.whos ?? [], policyOf(analysis.cluster))
  if (memberships.size === 0) return { analysis, options }
  const more = { ...options, memberships }
  return { analysis: analyse(analysis.input, more, analysis), options: more }
}

export function proofOptions({ minDays, maxUnseen }: Pick<PlanFlags, 'minDays' | 'maxUnseen'>): {
  minDays?: number
  maxUnseen?: number
} {
  return { ...(minDays === undefined ? {} : { minDays }), ...(maxUnseen === undefined ? {} : { maxUnseen }) }
}

/** What history there is, folded (`detailed`: for changes that may name objects); tells what of it could not be read. */
export async function factsOf(
  flags: PlanFlags,
  { cluster }: Pick<Analysis, 'cluster'>,
  detailed = false,
): Promise<{ facts?: Facts; code: number }> {
  const { history: paths } = flags
  if (paths === undefined) return { code: EXIT.ok }
  readOnce({ '-f': flags.filename, '--history': paths })
  const showing = progress(flags.quiet === true || !flags.progress)
  const history = await openHistory(paths, {
    cluster,
    stdin: process.stdin,
    progress: (file: string, records: number) => showing.say(`Replaying ${file} (${records} records so far)`),
  })
  const facts = await collectFacts(history, cluster, detailed)
  showing.done()
  const { sources } = facts.coverage
  const problems: Problem[] = [...history.problems, ...sources.flatMap((source) => source.problems)]
  if (sources.length === 0 && problems.length === 0)
    problems.push(
      problem('BH_HISTORY', { why: 'holds neither an audit log nor a log of flows' }, { file: paths.join(', ') }),
    )
  if (flags.quiet !== true) tellProblems(problems)
  return { facts, code: problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}
