import type { Place } from './place.ts'

/**
 * What an expression asks of a place: the whole value; its `extent`, which is the length of a list and the whole of
 * anything else; or its `presence`: whether it is there, and of which kind.
 */
export type Depth = 'whole' | 'extent' | 'presence'

export interface Reads {
  readonly whole: Set<Place>
  readonly extent: Set<Place>
  readonly presence: Set<Place>
}

/** What one expression reads, and the variables that it names. */
export class Draft {
  readonly whole: Place[] = []
  readonly extent: Place[] = []
  readonly presence: Place[] = []
  readonly within = new Set<Draft>()

  addTo(all: Reads, seen: Set<Draft>): void {
    if (seen.has(this)) return
    seen.add(this)
    for (const place of this.whole) all.whole.add(place)
    for (const place of this.extent) all.extent.add(place)
    for (const place of this.presence) all.presence.add(place)
    for (const draft of this.within) draft.addTo(all, seen)
  }
}
