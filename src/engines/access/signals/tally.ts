import type { Access, RecordPlace } from '../../../history/history.ts'

/** Requests that are told as one: how many, when, and where the first and the last of them stand in the log. */
export interface Tally {
  times: number
  first: number
  last: number
  place: Sample
  lastPlace: Sample
}

export interface Sample extends RecordPlace {
  /** auditID, or what the form has for it. */
  readonly id: string
}

export function sampleOf({ place, id }: Access): Sample {
  const { file, line, item } = place
  return item === undefined ? { file, line, id } : { file, line, item, id }
}

export function tally(access: Access): Tally {
  const place = sampleOf(access)
  return { times: 1, first: access.time, last: access.time, place, lastPlace: place }
}

/** Logs of several API servers lie one after another, so that later in the file is not later. */
export function count(seen: Tally, access: Access): void {
  const { time } = access
  seen.times++
  if (time < seen.first) {
    seen.first = time
    seen.place = sampleOf(access)
  }
  if (time >= seen.last) {
    seen.last = time
    seen.lastPlace = sampleOf(access)
  }
}

export function together(a: Tally, b: Tally): Tally {
  return {
    times: a.times + b.times,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    place: a.first <= b.first ? a.place : b.place,
    lastPlace: a.last > b.last ? a.lastPlace : b.lastPlace,
  }
}

/** A map that takes in so many keys, and counts what comes for others. */
export class Tallies<T extends Tally = Tally> {
  readonly all = new Map<string, T>()
  readonly #most: number
  readonly #make: (access: Access) => T
  dropped = 0

  constructor(most: number, make: (access: Access) => T) {
    this.#most = most
    this.#make = make
  }

  add(key: string, access: Access): T | undefined {
    const known = this.all.get(key)
    if (known) {
      count(known, access)
      return known
    }
    if (this.all.size >= this.#most) {
      this.dropped++
      return undefined
    }
    const made = this.#make(access)
    this.all.set(key, made)
    return made
  }
}
