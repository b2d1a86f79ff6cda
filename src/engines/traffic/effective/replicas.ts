import type { Growth } from '../growth.ts'
import type { Limit } from '../limit.ts'

/** What is counted of a limit: requests in a period, or connections. */
export function amountOf(limit: Limit): number | undefined {
  if (limit.kind === 'requests') return limit.rate
  return limit.kind === 'connections' ? limit.connections : undefined
}

/**
 * R5: each replica of a controller counts alone, so that the limit is at most so many times what is written as there are
 * replicas. Undefined where nothing is multiplied.
 */
export function totalOf(
  limit: Limit,
  replicas: Growth,
): { readonly least: number; readonly most: number | undefined } | undefined {
  const amount = amountOf(limit)
  if (amount === undefined) return undefined
  if (limit.scope !== 'replica') return { least: amount, most: amount }
  const now = Math.max(1, replicas.now ?? 1)
  const most = replicas.most === undefined ? undefined : Math.max(now, replicas.most - (replicas.surge ?? 0))
  return { least: amount * now, most: most === undefined ? undefined : amount * most }
}
