import type { AccessBehaviour, Who } from './behaviour.ts'
import type { AccessFacts } from './fold.ts'
import type { NameSeen } from './names.ts'

/**
 * The same facts as rules with these names tell them apart: behaviour of a detailed fold whose names were hidden is split
 * into one for each of the names, and one for the others.
 */
export function splitByNames(facts: AccessFacts, wanted: ReadonlySet<string>): AccessFacts {
  const open = new Map<
    Who,
    Who & { readonly behaviours: AccessBehaviour[]; readonly impersonations: AccessBehaviour[] }
  >()
  for (const who of facts.whos) open.set(who, { ...who, behaviours: [], impersonations: [] })
  const whoOf = (who: Who) => open.get(who) ?? who
  for (const who of facts.whos) {
    for (const behaviour of who.behaviours) {
      const impersonator = behaviour.impersonator && open.get(behaviour.impersonator)
      for (const part of split(behaviour, wanted)) {
        const made = { ...part, who: whoOf(who), impersonator }
        open.get(who)?.behaviours.push(made)
        impersonator?.impersonations.push(made)
      }
    }
  }
  return { ...facts, whos: [...open.values()] }
}

function split(behaviour: AccessBehaviour, wanted: ReadonlySet<string>): readonly AccessBehaviour[] {
  const { names, request } = behaviour
  if (!names || 'path' in request) return [behaviour]
  const named = [...names.kept].filter(([name]) => wanted.has(name))
  if (named.length === 0) return [behaviour]
  const rest: readonly Omit<NameSeen, 'file' | 'line'>[] = [
    ...[...names.kept].flatMap(([name, seen]) => (wanted.has(name) ? [] : [seen])),
    ...(names.beyond ? [names.beyond] : []),
  ]
  const parts = named.map(([name, { times, first, last, days, file, line }]) => ({
    ...behaviour,
    request: { ...request, name },
    hidesNames: false,
    times,
    first,
    last,
    days,
    place: { file, line },
    raw: '',
  }))
  if (rest.length === 0) return parts
  return [
    ...parts,
    {
      ...behaviour,
      times: rest.reduce((sum, each) => sum + each.times, 0),
      first: Math.min(...rest.map((each) => each.first)),
      last: Math.max(...rest.map((each) => each.last)),
      days: [...new Set(rest.flatMap((each) => each.days))],
    },
  ]
}
