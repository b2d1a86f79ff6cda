import type { Found } from './found.ts'
import type { Measured } from './measured.ts'
import { type Asking, type Budget, Run } from './run.ts'
import { searchWith } from './search.ts'

/** What was found, and which of its steps were held. */
export interface Watched {
  readonly found: Found
  readonly held: ReadonlyMap<Measured, boolean | undefined>
}

export function* watched(budget: Budget): Asking<Watched> {
  const run = new Run(budget)
  const found = yield* searchWith(run)
  return { found, held: new Map(found.steps.map((step) => [step, run.holds(step)])) }
}
