/** One behaviour's days, of whatever kind. */
export interface Incidence {
  readonly days: readonly number[]
}

/**
 * The chance that the next incidence is of a behaviour that was never seen, by Good-Turing in the incidence form (Chao and
 * Jost, 2012) over (behaviour, day): a loop that polls a million times a day is one incidence a day.
 */
export function unseenMass(behaviours: Iterable<Incidence>, days: number): number {
  if (days < 2) return 1
  let incidences = 0
  let once = 0
  let twice = 0
  for (const { days: seen } of behaviours) {
    incidences += seen.length
    if (seen.length === 1) once++
    else if (seen.length === 2) twice++
  }
  if (once === 0) return 0
  const weight = (days - 1) * once
  return (once / incidences) * (weight / (weight + 2 * twice))
}
