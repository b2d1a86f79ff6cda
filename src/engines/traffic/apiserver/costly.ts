import type { Load } from './load.ts'
import type { PollLoop } from './poll.ts'
import { readsConsistentFromCache } from './work.ts'

/** Why a client costs what it costs. */
export interface Costly {
  readonly why:
    | 'no-resource-version'
    | 'from-storage'
    | 'no-limit'
    | 'poll-loop'
    | 'secret-loop'
    | 'forbidden-storm'
    | 'too-many-requests'
    | 'short-watches'
    | 'queued'
  readonly text: string
}

const FEW = 10
const FORBIDDEN = 50
const LIMITED = 20
const SHORT_WATCHES = 20
const QUEUED_MS = 1000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Lists that are rarer cost little, whatever they ask. */
const AN_HOUR = 60
const MANY = 1000

/** By what an administrator could do about it, the first the most telling. */
export function whyCostly(load: Load, loops: readonly PollLoop[], minor: number): readonly Costly[] {
  const { verb, resource, requests, withoutVersion, withoutLimit, fromStorage } = load
  const found: Costly[] = []
  const say = (why: Costly['why'], text: string): void => {
    found.push({ why, text })
  }
  const [loop] = loops
  const isFast =
    requests >= FEW && (requests >= MANY || requests * HOUR_MS >= AN_HOUR * Math.max(load.last - load.first, MINUTE_MS))
  if (verb === 'list' && resource === 'secrets' && (loop || isFast))
    say('secret-loop', 'lists Secrets again and again: it holds every value of them each time')
  if (loop) say('poll-loop', pollText(loop, loops.length))
  if (isFast && withoutVersion >= FEW && withoutVersion * 2 >= requests)
    say(
      'no-resource-version',
      readsConsistentFromCache(minor)
        ? `${grouped(withoutVersion)} lists without resourceVersion: each waits until the cache is level with etcd`
        : `${grouped(withoutVersion)} lists without resourceVersion: each reads all of it from etcd`,
    )
  else if (isFast && fromStorage >= FEW && fromStorage * 2 >= requests)
    say('from-storage', `${grouped(fromStorage)} lists that the cache cannot answer: each reads etcd`)
  if (isFast && withoutLimit >= FEW && withoutLimit * 2 >= requests)
    say('no-limit', `${grouped(withoutLimit)} lists without limit: each answer is all there is, at once`)
  if (load.forbidden >= FORBIDDEN && load.forbidden * 2 >= requests)
    say('forbidden-storm', `${grouped(load.forbidden)} of ${grouped(requests)} were forbidden, and it went on asking`)
  if (load.limited >= LIMITED)
    say('too-many-requests', `${grouped(load.limited)} were answered 429, and it went on asking`)
  if (load.shortWatches >= SHORT_WATCHES && load.shortWatches * 2 >= load.longRunning)
    say('short-watches', `${grouped(load.shortWatches)} watches ended within 30 s and were made anew`)
  if (load.waitedMs >= QUEUED_MS && load.waitedMs > load.latencyMs)
    say('queued', 'waited longer in the queue of the API server than it was served')
  return found
}

function pollText({ verb, periodMs, jitter, namespace, name }: PollLoop, loops: number): string {
  const what = name === '' ? (namespace === '' ? 'all namespaces' : namespace) : `${namespace}/${name}`
  const period =
    periodMs < 10_000 ? `${Number((periodMs / 1000).toPrecision(2))} s` : `${Math.round(periodMs / 1000)} s`
  const more = loops > 1 ? `, and ${loops - 1} more such loops` : ''
  return `${verb}s ${what} every ${period} (± ${Math.round(jitter * 100)} %)${more}: a watch would tell it of changes`
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
