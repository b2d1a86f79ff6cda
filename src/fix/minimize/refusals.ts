import { idOf } from '../../cluster/object.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import { type Atom, atomOf, kindKey } from './atom.ts'

/** What subjects were refused, so that no general rule gives it to them after all. */
export class Refusals {
  /** Undefined of one that was refused more kinds of things than are kept. */
  readonly #of = new Map<string, Set<string> | undefined>()
  readonly #members = new Map<string, Set<string>>()

  constructor(facts: AccessFacts) {
    for (const { subject, groups, behaviours, refusedMore } of facts.whos) {
      if (refusedMore) this.#of.set(subject, undefined)
      for (const { outcome, request } of behaviours) {
        if (outcome !== 'denied') continue
        const keys = this.#of.has(subject) ? this.#of.get(subject) : new Set<string>()
        const atom = atomOf(request, undefined)
        keys?.add(keyIn(atom, atom.namespace)).add(keyIn(atom, ANYWHERE))
        this.#of.set(subject, keys)
      }
      if (!this.#of.has(subject)) continue
      for (const group of groups) {
        const id = idOf('Group', '', group)
        const members = this.#members.get(id) ?? new Set<string>()
        this.#members.set(id, members.add(subject))
      }
    }
  }

  /** Whether the subject (of a group, a member) was refused something that this right holds: one everywhere holds it in each namespace. */
  covers(id: string, atom: Omit<Atom, 'names'>): boolean {
    return this.#wasRefused(id, atom) || [...(this.#members.get(id) ?? [])].some((each) => this.#wasRefused(each, atom))
  }

  #wasRefused(id: string, atom: Omit<Atom, 'names'>): boolean {
    if (!this.#of.has(id)) return false
    const keys = this.#of.get(id)
    return keys === undefined || keys.has(keyIn(atom, atom.namespace === '' ? ANYWHERE : atom.namespace))
  }
}

const ANYWHERE = '*'

function keyIn(atom: Omit<Atom, 'names'>, namespace: string): string {
  return `${namespace}\n${kindKey(atom)}\n${atom.url}`
}
