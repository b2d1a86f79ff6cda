import type { Fix } from '../fix/fix.ts'
import { candidatesOf, whatIf } from './candidates.ts'
import { LEAST, type PlanPorts, type Stability } from './ports.ts'

/** Of those whose evidence cuts most; what is next to nothing is not told apart. */
const LOOKED_AT = 3

export interface Scored {
  readonly fix: Fix
  readonly score: number
}

/**
 * What the plan would begin with if everything were worth the same, best first. Asked before the steps are looked for: the
 * cluster is as large again.
 */
export function equalRanking(ports: PlanPorts, fixes: readonly Fix[]): readonly Scored[] {
  const equal = ports.equal?.()
  if (!equal) return []
  return candidatesOf(equal, fixes)
    .slice(0, LOOKED_AT)
    .map(({ fix, cost, likely }) => ({
      fix,
      score: (equal.risk.total - whatIf(equal, new Set(likely), [])) / cost,
    }))
    .sort((a, b) => b.score - a.score || (a.fix.id < b.fix.id ? -1 : 1))
}

/** DESIGN section 5: the plan rests on weights that measure nothing, so it is said whether its first step does too. */
export function stabilityOf(
  ranking: readonly Scored[],
  first: readonly Fix[] | undefined,
  rejected: ReadonlyMap<string, unknown>,
): Stability {
  const possible = ranking.filter(({ fix }) => !rejected.has(fix.id))
  const [best] = possible
  const own = possible.find(({ fix }) => first?.some(({ id }) => id === fix.id))
  if (!best || !first || first.length > 1 || (own && own.score >= best.score - LEAST)) return { isStable: true }
  return { isStable: false, first: { id: best.fix.id, title: best.fix.title } }
}
