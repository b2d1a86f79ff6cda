import type { Loss } from '../dialects/dialect.ts'
import { keyText, type Limit, type LimitKey } from '../limit.ts'
import { behaviour } from './algorithms.ts'
import { atOnce, isWindow, perSecond, rateText } from './rates.ts'

/** What `kept` does otherwise than `limit`: every field that differs in meaning, told for people. `why` adds an engine's reason. */
export function differences(limit: Limit, kept: Limit, why: Readonly<Record<string, string>> = {}): readonly Loss[] {
  const losses: Loss[] = []
  const changed = (field: string, text: string): void => {
    const reason = Object.hasOwn(why, field) ? `: ${why[field]}` : ''
    losses.push({ limit, field, severity: 'changed', message: text + reason })
  }
  if (limit.kind === 'requests') {
    if (limit.algorithm !== kept.algorithm) changed('algorithm', behaviour(limit, kept))
    if (rateDiffers(limit, kept)) changed('rate', `${rateText(kept)} instead of ${rateText(limit)}`)
    if (atOnce(limit) !== atOnce(kept))
      changed('burst', `${atOnce(kept)} requests pass at once instead of ${atOnce(limit)}`)
    if (undelayed(limit) !== undelayed(kept))
      changed('undelayed', `${undelayedText(kept)} instead of ${undelayedText(limit)}`)
  } else if (limit.algorithm !== kept.algorithm) changed('algorithm', `${kept.algorithm} instead of ${limit.algorithm}`)
  for (const field of ['connections', 'body', 'seconds', 'bytesPerSecond', 'of'] as const) {
    if (limit[field] !== kept[field]) changed(field, `${kept[field] ?? 'none'} instead of ${limit[field] ?? 'none'}`)
  }
  if (!sameKey(limit.key, kept.key)) changed('key', `counts by ${keyText(kept.key)} instead of ${keyText(limit.key)}`)
  if (limit.code !== kept.code)
    changed('code', `answers ${kept.code ?? 'nothing'} instead of ${limit.code ?? 'nothing'}`)
  if (limit.scope !== kept.scope) changed('scope', `${SCOPES[kept.scope]} instead of ${SCOPES[limit.scope]}`)
  if ((limit.shadow ?? false) !== (kept.shadow ?? false))
    changed('shadow', kept.shadow ? 'refuses nothing' : 'refuses, and does not only count')
  if (!sameTexts(limit.exempt, kept.exempt))
    changed('exempt', `exempts ${exemptText(kept)} instead of ${exemptText(limit)}`)
  if (limit.only !== kept.only)
    changed('only', `${kept.only ?? 'every request'} instead of ${limit.only ?? 'every request'}`)
  return losses
}

/** A limit that the engine does not get at all. */
export function lost(limit: Limit, field: string, message: string): Loss {
  return { limit, field, severity: 'lost', message }
}

/** The same number of requests a second is the same to a bucket; to a window its length is part of the meaning. */
function rateDiffers(limit: Limit, kept: Limit): boolean {
  if (limit.rate === kept.rate && (limit.period ?? 1) === (kept.period ?? 1)) return false
  if (isWindow(limit) || isWindow(kept)) return true
  return Math.abs(perSecond(limit) - perSecond(kept)) > 1e-9 * perSecond(limit)
}

/** Only a leaky bucket can hold requests back by their place in the burst. */
function undelayed({ algorithm, undelayed: count, burst = 0 }: Limit): number {
  return algorithm === 'leaky-bucket' && count !== undefined && count < burst ? count : Number.POSITIVE_INFINITY
}

function undelayedText(limit: Limit): string {
  const count = undelayed(limit)
  return count === Number.POSITIVE_INFINITY
    ? 'nothing of the burst waits'
    : `${count} of the burst pass without waiting`
}

const SCOPES: Readonly<Record<Limit['scope'], string>> = {
  replica: 'each replica counts alone',
  global: 'all replicas count together',
  shared: 'the replicas divide the limit',
  outside: 'who is in front counts',
}

function exemptText({ exempt = [] }: Limit): string {
  return exempt.length === 0 ? 'nobody' : exempt.join(', ')
}

function sameTexts(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return [...a].sort().join() === [...b].sort().join()
}

export function sameKey(a: LimitKey, b: LimitKey): boolean {
  if (a.kind === 'client-address' && b.kind === 'client-address')
    return (a.prefix4 ?? 32) === (b.prefix4 ?? 32) && (a.prefix6 ?? 128) === (b.prefix6 ?? 128)
  return a.kind === b.kind && keyText(a) === keyText(b)
}
