import { type Subject, subjectId } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { AccessBehaviour, Who } from '../../engines/access/used/behaviour.ts'
import { type Atom, Atoms } from './atom.ts'

/** Someone who is granted what was used. */
export interface Grantee {
  readonly subject: Subject
  readonly id: string
  /** `sa:shop/web`. */
  readonly text: string
  readonly atoms: Atoms
  /** How many rights were used, before anything was made general. */
  used: number
}

export function granteeOf(subject: Subject): Grantee {
  return { subject, id: subjectId(subject), text: subjectText(subject), atoms: new Atoms(), used: 0 }
}

/** Grantees by their ids, made when they are asked for. */
export class Grantees {
  readonly #all = new Map<string, Grantee>()

  of(subject: Subject): Grantee {
    const id = subjectId(subject)
    const known = this.#all.get(id) ?? granteeOf(subject)
    this.#all.set(id, known)
    return known
  }

  get(id: string): Grantee | undefined {
    return this.#all.get(id)
  }

  /** Those that are granted anything, by their texts. */
  list(): readonly Grantee[] {
    return [...this.#all.values()]
      .filter(({ atoms }) => atoms.size > 0)
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
  }
}

/** One use of a right: by whom, and which group's binding gave it where one did. */
export interface Use {
  readonly who: Who
  readonly atom: Atom
  readonly behaviour: AccessBehaviour
  readonly group: string | undefined
}
