import type { Access } from '../../../history/history.ts'
import { type Sample, sampleOf } from './tally.ts'

/** Ten minutes. */
const WINDOW_MS = 600_000
const MOST_WINDOWS = 24
const MOST_ITEMS = 512
const MOST_SAMPLES = 5
const MOST_PODS = 4
const HOUR_MS = 3_600_000

interface Window {
  readonly at: number
  readonly items: Set<number>
  first: number
  last: number
  times: number
  readonly samples: Sample[]
  /** Whose tokens it was, by uid, the first of them. */
  readonly pods: string[]
}

/** What somebody did in ten minutes that says nothing of its habits. */
export type Skipped = (pods: readonly string[], first: number) => boolean

export interface Peak {
  /** How many different things. */
  readonly count: number
  readonly first: number
  readonly last: number
  readonly times: number
  readonly samples: readonly Sample[]
  /** The most in any other ten minutes that are at least an hour away. */
  readonly usual: number
}

/**
 * How many different things somebody asked for in ten minutes at most, and what is usual for it. The fullest windows are
 * kept, in whatever order the records come.
 */
export class Windows {
  readonly #windows = new Map<number, Window>()

  add(access: Access, item: number): void {
    const at = Math.floor(access.time / WINDOW_MS)
    let window = this.#windows.get(at)
    if (!window) {
      if (this.#windows.size >= MOST_WINDOWS) this.#drop()
      window = { at, items: new Set(), first: access.time, last: access.time, times: 0, samples: [], pods: [] }
      this.#windows.set(at, window)
    }
    window.times++
    if (access.time < window.first) window.first = access.time
    if (access.time > window.last) window.last = access.time
    const pod = access.pod?.uid
    if (pod && window.pods.length < MOST_PODS && !window.pods.includes(pod)) window.pods.push(pod)
    if (window.items.has(item) || window.items.size >= MOST_ITEMS) return
    window.items.add(item)
    if (window.samples.length < MOST_SAMPLES) window.samples.push(sampleOf(access))
  }

  /** The emptiest goes. */
  #drop(): void {
    let least: Window | undefined
    for (const window of this.#windows.values()) if (!least || window.items.size < least.items.size) least = window
    if (least) this.#windows.delete(least.at)
  }

  /** The fullest, taken together with the one after it: a burst may lie across their border. */
  peak(skipped: Skipped = () => false): Peak | undefined {
    const told = new Map([...this.#windows].filter(([, { pods, first }]) => pods.length === 0 || !skipped(pods, first)))
    const joined = [...told.values()].map((window) => {
      const next = told.get(window.at + 1)
      return { window, next, count: next ? window.items.union(next.items).size : window.items.size }
    })
    const [top] = joined.sort((a, b) => b.count - a.count || a.window.at - b.window.at)
    if (!top) return undefined
    const { window, next } = top
    const last = Math.max(window.last, next?.last ?? 0)
    const usual = joined
      .filter((each) => each.window.first > last + HOUR_MS || (each.next ?? each.window).last < window.first - HOUR_MS)
      .reduce((most, each) => Math.max(most, each.count), 0)
    return {
      count: top.count,
      first: window.first,
      last,
      times: window.times + (next?.times ?? 0),
      samples: [...window.samples, ...(next?.samples ?? [])].slice(0, MOST_SAMPLES),
      usual,
    }
  }
}

/** FNV-1a, for telling things apart that are only counted. */
export function hashOf(...parts: readonly string[]): number {
  let hash = 0x811c9dc5
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193)
    hash = Math.imul(hash ^ 0x2f, 0x01000193)
  }
  return hash >>> 0
}
