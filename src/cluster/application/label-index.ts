import { type Selector, selects } from '../labels.ts'

/** Things by namespace and label, so that a selector looks only at those that carry one of the labels it asks for. */
export interface LabelIndex<T> {
  /** Those of one namespace that the selector selects. The same array for every empty selector of a namespace. */
  select(namespace: string, selector: Selector): readonly T[]
}

interface Labelled<T> {
  readonly value: T
  readonly labels: ReadonlyMap<string, string>
}

interface Shelf<T> {
  readonly all: Labelled<T>[]
  readonly byLabel: Map<string, Map<string, Labelled<T>[]>>
  everything: readonly T[] | undefined
}

/** One thing may come with several sets of labels; it is selected when one of them is. */
export function indexByLabels<T>(entries: Iterable<{ readonly namespace: string } & Labelled<T>>): LabelIndex<T> {
  const shelves = new Map<string, Shelf<T>>()
  for (const entry of entries) {
    let shelf = shelves.get(entry.namespace)
    if (!shelf) {
      shelf = { all: [], byLabel: new Map(), everything: undefined }
      shelves.set(entry.namespace, shelf)
    }
    shelf.all.push(entry)
    for (const [key, label] of entry.labels) {
      const values = shelf.byLabel.get(key) ?? new Map<string, Labelled<T>[]>()
      if (values.size === 0) shelf.byLabel.set(key, values)
      const same = values.get(label)
      if (same) same.push(entry)
      else values.set(label, [entry])
    }
  }
  return {
    select: (namespace, selector) => {
      const shelf = shelves.get(namespace)
      if (!shelf) return []
      if (selector.length === 0) {
        shelf.everything ??= distinct(shelf.all)
        return shelf.everything
      }
      return distinct(candidates(shelf, selector).filter((each) => selects(selector, each.labels)))
    },
  }
}

function distinct<T>(entries: readonly Labelled<T>[]): readonly T[] {
  return [...new Set(entries.map((entry) => entry.value))]
}

function candidates<T>(shelf: Shelf<T>, selector: Selector): readonly Labelled<T>[] {
  let fewest: readonly Labelled<T>[] = shelf.all
  for (const { key, operator, values } of selector) {
    if (operator !== 'In') continue
    const byValue = shelf.byLabel.get(key)
    const found =
      values.length === 1
        ? (byValue?.get(values[0] as string) ?? [])
        : values.flatMap((value) => byValue?.get(value) ?? [])
    if (found.length < fewest.length) fewest = found
  }
  return fewest
}
