import type { Place } from './place.ts'

/** What is known of a value without evaluating: at which places of the object it may stand. */
export interface Origin {
  readonly places: readonly Place[]
  /** Of the items of a list that the expression makes. */
  readonly items?: Origin
  /** Of a list that is written item by item: these, one by one. */
  readonly each?: readonly Origin[]
  /** It is one of these texts, or nothing. */
  readonly texts?: readonly string[]
}

/** Made of nothing but what was read on the way to it. */
export const MADE: Origin = { places: [] }

/** Whoever goes through a value has taken its extent: of a map that is all of it. */
export function itemOf({ places, items = MADE }: Origin): Origin {
  if (places.length === 0) return items
  return either({ places: places.map((place) => place.items) }, items)
}

/** What may be the one or the other; with `MADE` it may be any text. */
export function either(a: Origin, b: Origin): Origin {
  if (a === b) return a
  const places = [...new Set([...a.places, ...b.places])]
  const items = a.items && b.items ? either(a.items, b.items) : (a.items ?? b.items)
  const texts = a.texts && b.texts ? { texts: [...new Set([...a.texts, ...b.texts])] } : {}
  return items === undefined ? { places, ...texts } : { places, items, ...texts }
}
