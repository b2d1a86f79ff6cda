import data from './actions.json' with { type: 'json' }

export type AccessLevel = 'List' | 'Read' | 'Write' | 'Tagging' | 'Permissions management'

const LEVELS: readonly AccessLevel[] = ['Permissions management', 'Write', 'Tagging', 'Read', 'List']
const SERVICES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(Object.entries(data.actions))
const CONTROLLED: ReadonlySet<string> = new Set(data.controlled)
const levels = new Map<string, ReadonlyMap<string, AccessLevel>>()

/**
 * What an action does, as the service authorization reference has it, the strongest where it has several; undefined for
 * an action that is not in the table, which holds the services that a cluster meets.
 */
export function levelOf(action: string): AccessLevel | undefined {
  const [service = '', name = ''] = action.toLowerCase().split(':', 2)
  let known = levels.get(service)
  if (known === undefined) {
    const written = SERVICES.get(service)
    if (written === undefined) return undefined
    const byName = new Map<string, AccessLevel>()
    for (const level of [...LEVELS].reverse())
      for (const each of written[level]?.split(' ') ?? []) byName.set(each.toLowerCase(), level)
    known = byName
    levels.set(service, known)
  }
  return known.get(name)
}

/** Whether resources of a service are subject to resource control policies; the list grows. */
export const isControlled = (service: string): boolean => CONTROLLED.has(service)
