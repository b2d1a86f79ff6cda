import { mayMatch, type Selector, selects } from '../labels.ts'
import type { Namespace } from '../namespace.ts'

export interface Selected {
  /** By name. */
  readonly namespaces: readonly Namespace[]
  /** Namespaces without a Namespace object, of which the selector may be true. */
  readonly unknown: readonly string[]
}

/** Namespaces by label, so that many selectors over many namespaces cost what they select. */
export class NamespaceIndex {
  readonly all: ReadonlyMap<string, Namespace>
  /** Whether any Namespace object is there, without which nothing is known of labels. */
  readonly isSeen: boolean
  readonly #sorted: readonly Namespace[]
  readonly #unseen: readonly Namespace[]
  readonly #byLabel = new Map<string, Namespace[]>()
  readonly #known = new Map<string, Selected>()

  constructor(all: ReadonlyMap<string, Namespace>) {
    this.all = all
    this.#sorted = [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#unseen = this.#sorted.filter(({ seen }) => !seen)
    this.isSeen = this.#unseen.length < this.#sorted.length
    for (const namespace of this.#sorted) {
      for (const [key, value] of namespace.labels) {
        const label = `${key}=${value}`
        const same = this.#byLabel.get(label)
        if (same) same.push(namespace)
        else this.#byLabel.set(label, [namespace])
      }
    }
  }

  select(selector: Selector): Selected {
    const text = JSON.stringify(selector)
    const known = this.#known.get(text)
    if (known) return known
    const made = {
      // Of what was not seen, the name label is known: the API server sets it.
      namespaces: this.#candidates(selector).filter((each) => selects(selector, each.labels) && isSure(selector, each)),
      unknown: this.#unseen.flatMap((each) =>
        mayMatch(selector, each.labels, false) === 'unknown' ? [each.name] : [],
      ),
    }
    this.#known.set(text, made)
    return made
  }

  #candidates(selector: Selector): readonly Namespace[] {
    const narrow = selector.find(({ operator }) => operator === 'In')
    if (!narrow) return this.#sorted
    const { key, values } = narrow
    const found = [...new Set(values)].flatMap((value) => this.#byLabel.get(`${key}=${value}`) ?? [])
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

function isSure(selector: Selector, { seen, labels }: Namespace): boolean {
  return seen || mayMatch(selector, labels, false) === 'yes'
}
