import { openHistory } from '../history/files.ts'
import { type Analysis, type Options, plan } from '../loop.ts'
import type { Plan } from '../plan/ports.ts'
import { collectFacts, type Facts } from '../prove/facts.ts'
import { analyseInput } from './analyse.ts'
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
  const { analysis, options, code } = await analyseInput(flags)
  const facts = await factsOf(flags, analysis)
  if (flags.plan === false) return { analysis, options, code, ...(facts ? { facts } : {}) }
  const showing = progress(flags.quiet === true || !flags.progress)
  showing.say('Ranking the changes')
  const made = plan(analysis, options, {
    steps: flags.steps ?? STEPS,
    proof: proofOptions(flags),
    ...(facts ? { facts } : {}),
  })
  showing.done()
  return { analysis, options, plan: made, code, ...(facts ? { facts } : {}) }
}

export function proofOptions({ minDays, maxUnseen }: PlanFlags): { minDays?: number; maxUnseen?: number } {
  return { ...(minDays === undefined ? {} : { minDays }), ...(maxUnseen === undefined ? {} : { maxUnseen }) }
}

export async function factsOf(flags: PlanFlags, { cluster }: Analysis): Promise<Facts | undefined> {
  if (flags.history === undefined) return undefined
  const showing = progress(flags.quiet === true || !flags.progress)
  const history = await openHistory(flags.history, {
    cluster,
    progress: (file: string, records: number) => showing.say(`Replaying ${file} (${records} records so far)`),
  })
  const facts = await collectFacts(history, cluster)
  showing.done()
  return facts
}
