import { DAY_MS } from '../engines/seen.ts'
import type { Access } from '../history/history.ts'
import { account, grant, START } from './testing.ts'

/** For tests: subjects that are granted far more than they use, and use it at rates of very different size. */

export interface World {
  readonly yaml: string
  /** Each of one subject and one right, which one binding gives. */
  readonly grants: readonly Granted[]
  readonly accesses: readonly Partial<Access>[]
}

export interface Granted {
  readonly subject: string
  readonly binding: string
  readonly verb: string
  readonly resource: string
}

/** Mulberry32: the same numbers for the same seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const VERBS = ['get', 'list', 'create', 'patch', 'delete']
const RESOURCES = ['pods', 'services', 'configmaps', 'secrets', 'endpoints', 'events']

/** On which days something is done: by a loop, at a rate that falls with its rank, each week, or each month. */
type Habit = (day: number) => boolean

function habits(random: () => number): readonly Habit[] {
  const slope = 1 + random() * 0.7
  const scale = 0.5 + random() * 3
  const many = 5 + Math.floor(random() * 10)
  const ranked = Array.from({ length: many }, (_, index): Habit => {
    const chance = Math.min(1, scale * (index + 1) ** -slope)
    return () => random() < chance
  })
  const start = Math.floor(random() * 7)
  const weekly: Habit = (day) => day % 7 === start
  const monthly: Habit = (day) => day % 30 === start * 4
  return [...ranked, ...(random() < 0.4 ? [weekly] : []), ...(random() < 0.2 ? [monthly] : [])]
}

export function world(seed: number, days: number, subjects = 4): World {
  const random = dice(seed)
  const grants: Granted[] = []
  const accesses: Partial<Access>[] = []
  let yaml = ''
  const rights = VERBS.flatMap((verb) => RESOURCES.map((resource) => ({ verb, resource })))
  // An auditor does everything once, so that the log is known to show it.
  for (const right of rights)
    accesses.push({ ...right, user: 'auditor', groups: ['system:masters'], namespace: 'shop', time: START })
  for (let subject = 0; subject < subjects; subject++) {
    const name = `s${subject}`
    const held = [...rights].sort(() => random() - 0.5)
    held.forEach(({ verb, resource }, index) => {
      const binding = `${name}-${index}`
      yaml += grant(
        binding,
        `verbs: [${verb}], apiGroups: [""], resources: [${resource}]`,
        `kind: ServiceAccount, name: ${name}, namespace: shop`,
      )
      grants.push({ subject: name, binding: `RoleBinding/shop/${binding}`, verb, resource })
    })
    habits(random).forEach((isDue, index) => {
      const right = held[index] as (typeof held)[number]
      for (let day = 0; day < days; day++) {
        if (!isDue(day)) continue
        // How often on a day must not matter.
        const times = 1 + Math.floor(random() ** 4 * 20)
        for (let each = 0; each < times; each++)
          accesses.push({
            ...account('shop', name),
            ...right,
            namespace: 'shop',
            time: START + day * DAY_MS + Math.floor(random() * DAY_MS),
          })
      }
    })
  }
  accesses.sort((a, b) => (a.time ?? 0) - (b.time ?? 0))
  return { yaml, grants, accesses }
}
