import { costOf } from '../fix/apply.ts'
import type { Fix } from '../fix/fix.ts'
import { candidatesOf, whatIf } from './candidates.ts'
import { LEAST, type PlanPorts, type Stability } from './ports.ts'

/** Of those whose evidence cuts most; what is next to nothing is not told apart. */
const LOOKED_AT = 6

/** DESIGN section 5: the plan rests on weights that measure nothing, so it is said whether its first step does too. */
export function stabilityOf(
  ports: PlanPorts,
  first: readonly Fix[] | undefined,
  rejected: ReadonlyMap<string, unknown>,
): Stability {
  const equal = ports.equal?.()
  if (!equal || !first) return { isStable: true }
  const fixes = ports.propose(ports.base).filter(({ id }) => !rejected.has(id))
  const scored = candidatesOf(equal, fixes)
    .slice(0, LOOKED_AT)
    .map(({ fix, likely }) => ({ fix, score: (equal.risk.total - whatIf(equal, new Set(likely), [])) / costOf(fix) }))
    .sort((a, b) => b.score - a.score || (a.fix.id < b.fix.id ? -1 : 1))
  const [best] = scored
  const own = scored.find(({ fix }) => first.some(({ id }) => id === fix.id))
  if (!best || first.length > 1 || (own && own.score >= best.score - LEAST)) return { isStable: true }
  return { isStable: false, first: { id: best.fix.id, title: best.fix.title } }
}
