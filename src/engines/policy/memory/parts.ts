import type { Depth, Reads } from './draft.ts'
import type { Place } from './place.ts'

/** A place, and how much of what stands there counts. */
export interface Part {
  readonly place: Place
  readonly depth: Depth
}

/**
 * The parts of an object that tell whether two objects are alike for what reads them, none of which another one implies.
 * Of what lies in the items of a list only the first field counts, so that many policies share their parts: all of a
 * container's `securityContext`, not the one field.
 */
export function partsOf(reads: Reads): readonly Part[] {
  const whole = new Set<Place>()
  const extent = new Set<Place>()
  const presence = new Set<Place>()
  for (const [from, to] of [
    [reads.whole, whole],
    [reads.extent, extent],
    [reads.presence, presence],
  ] as const)
    for (const place of from) {
      const cut = cutOf(place)
      if (cut === place) to.add(place)
      else whole.add(cut)
    }
  const isWithin = (place: Place): boolean => whole.has(place) || (place.parent !== undefined && isWithin(place.parent))
  const isInWhole = ({ parent }: Place): boolean => parent !== undefined && isWithin(parent)
  const parts: Part[] = []
  for (const place of whole) if (!isInWhole(place)) parts.push({ place, depth: 'whole' })
  for (const place of extent) if (!isWithin(place)) parts.push({ place, depth: 'extent' })
  // What stands at a place below says how far the way to it leads.
  const onTheWay = new Set<Place>()
  for (const { place } of parts) addWay(place, onTheWay)
  for (const place of presence) if (!isWithin(place)) addWay(place, onTheWay)
  for (const place of presence)
    if (!isWithin(place) && !extent.has(place) && !onTheWay.has(place)) parts.push({ place, depth: 'presence' })
  return parts.sort((a, b) => a.place.id - b.place.id)
}

/** The places that are left by a field on the way to this one. */
function addWay({ parent, key }: Place, onTheWay: Set<Place>): void {
  if (parent === undefined) return
  if (key !== undefined) onTheWay.add(parent)
  addWay(parent, onTheWay)
}

function cutOf(place: Place): Place {
  const { parent } = place
  if (parent === undefined || !parent.isMany) return place
  const cut = cutOf(parent)
  // The first field below the items is kept.
  return cut === parent && parent.key === undefined && place.key !== undefined ? place : cut
}
