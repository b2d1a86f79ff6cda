import type { Loss, Product } from '../dialects/dialect.ts'
import type { Limit } from '../limit.ts'
import { type Comparison, compare, differs } from './loads.ts'
import type { Writable, WriteTarget, WrittenLimits } from './writer.ts'
import { WRITERS } from './writers.ts'

export interface Translation extends WrittenLimits {
  readonly from: Product
  readonly to: Writable
  /** Of each limit of requests that is kept: what both engines admit of the same load. */
  readonly behaviour: ReadonlyMap<Limit, readonly Comparison[]>
}

/**
 * The limits of one product in the words of another. What changes in behaviour is computed by both engines' models, and
 * said in numbers; limits that are the same in every field and admit the same have no loss.
 */
export function translate(limits: readonly Limit[], from: Product, to: Writable, target: WriteTarget): Translation {
  const written = WRITERS[to](limits, target)
  const behaviour = new Map<Limit, readonly Comparison[]>()
  const losses: Loss[] = [...written.losses]
  for (const [kept, limit] of written.origins) {
    if (kept.kind !== 'requests') continue
    const comparisons = compare(limit, kept)
    behaviour.set(kept, comparisons)
    const changed = comparisons.filter(differs)
    if (changed.length > 0) losses.push({ limit, field: 'behaviour', severity: 'changed', message: told(changed) })
  }
  return { ...written, from, to, losses, behaviour }
}

/** `at 110 % of the rate for 16 s 104 of 550 requests pass instead of 550; …` */
function told(changed: readonly Comparison[]): string {
  return changed
    .map(({ load, offered, before, after }) => `${load} ${after} of ${offered} requests pass instead of ${before}`)
    .join('; ')
}
