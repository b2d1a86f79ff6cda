import { both, mayMatch, type Requirement, type Selector, type Truth } from '../../cluster/labels.ts'
import type { Namespace } from '../../cluster/namespace.ts'
import { generatedLabel, isGeneratedLabel } from '../../cluster/workload.ts'
import type { Member, PodMember } from './members.ts'
import type { SetId, SetTable } from './sets.ts'

/** Those that surely belong, and with them those that may. */
export interface Selected {
  readonly sure: SetId
  readonly may: SetId
}

export interface Selection {
  /** Pods of one namespace, none of which is on its node's network. */
  inNamespace(namespace: string, selector: Selector): Selected
  /** Pods of one namespace as a Service finds them, those on their node's network among them. */
  servedBy(namespace: string, selector: Selector): readonly PodMember[]
  /** Pods of all namespaces that a namespace selector may mean. */
  inNamespaces(namespaces: Selector, selector: Selector): Selected
  /** Whether a namespace selector means a namespace in which the input shows no pod. */
  inUnseen(namespaces: Selector): Truth
  /** Namespaces that are not in the input and whose labels a selector asked for. */
  readonly unseen: ReadonlySet<string>
}

interface NamespaceIndex {
  readonly all: number[]
  /** By `key=value`. */
  readonly byLabel: Map<string, number[]>
  readonly incomplete: number[]
}

const NAME_LABEL = 'kubernetes.io/metadata.name'

export function selection(
  members: readonly Member[],
  namespaces: ReadonlyMap<string, Namespace>,
  sets: SetTable,
): Selection {
  const index = new Map<string, NamespaceIndex>()
  for (const member of members) if (member.kind !== 'node') addTo(index, member)
  // Members are in the order of their namespaces, so that what is found in one after the other is in order too.
  const populated = [...index.keys()].sort()
  const memo = new Map<string, Selected>()
  const namespaceMemo = new Map<string, readonly (readonly [string, Truth])[]>()
  const unseen = new Set<string>()

  /** A policy is asked about for each direction, and by several checks; what selects is then the same object. */
  const asked = new Map<Selector, { readonly namespace: string; readonly selected: Selected }>()

  const once = (key: string, make: () => Selected): Selected => {
    const known = memo.get(key)
    if (known) return known
    const made = make()
    memo.set(key, made)
    return made
  }

  const namespacesOf = (selector: Selector): readonly (readonly [string, Truth])[] => {
    const key = JSON.stringify(selector)
    const known = namespaceMemo.get(key)
    if (known) return known
    const named = selector.find((each) => each.key === NAME_LABEL && each.operator === 'In')
    const candidates = named ? [...named.values].filter((name) => index.has(name)).sort() : populated
    const found = candidates.flatMap((name) => {
      const namespace = namespaces.get(name)
      const truth = mayMatch(selector, namespace?.labels ?? new Map(), namespace?.seen ?? false)
      if (truth === 'unknown') unseen.add(name)
      return truth === 'no' ? [] : [[name, truth] as const]
    })
    namespaceMemo.set(key, found)
    return found
  }

  const collect = (places: readonly (readonly [string, Truth])[], selector: Selector): Selected => {
    const sure: number[] = []
    const may: number[] = []
    for (const [namespace, truth] of places) {
      for (const candidate of candidatesOf(index.get(namespace), selector)) {
        const member = members[candidate] as PodMember
        const match = member.kind === 'host' ? 'no' : podMatches(selector, member)
        if (match === 'no') continue
        may.push(candidate)
        if (match === 'yes' && truth === 'yes') sure.push(candidate)
      }
    }
    const all = sets.intern(may)
    return { sure: sure.length === may.length ? all : sets.intern(sure), may: all }
  }

  return {
    inNamespace: (namespace, selector) => {
      const last = asked.get(selector)
      if (last?.namespace === namespace) return last.selected
      const selected = once(`${namespace} ${JSON.stringify(selector)}`, () => collect([[namespace, 'yes']], selector))
      asked.set(selector, { namespace, selected })
      return selected
    },
    servedBy: (namespace, selector) => {
      const candidates = candidatesOf(index.get(namespace), selector).map((each) => members[each] as PodMember)
      return candidates.filter((member) => podMatches(selector, member) !== 'no')
    },
    inNamespaces: (namespaceSelector, selector) => {
      return once(JSON.stringify([namespaceSelector, selector]), () =>
        collect(namespacesOf(namespaceSelector), selector),
      )
    },
    inUnseen: (selector) => {
      const named = selector.find((each) => each.key === NAME_LABEL && each.operator === 'In')
      if (named?.values.every((name) => index.has(name))) return 'no'
      return mayMatch(selector, new Map(), false)
    },
    unseen,
  }
}

function addTo(index: Map<string, NamespaceIndex>, member: PodMember): void {
  let entry = index.get(member.namespace.name)
  if (!entry) {
    entry = { all: [], byLabel: new Map(), incomplete: [] }
    index.set(member.namespace.name, entry)
  }
  entry.all.push(member.index)
  if (!member.labelsComplete) {
    entry.incomplete.push(member.index)
    return
  }
  for (const [key, value] of member.pod.labels) {
    const label = `${key}=${value}`
    const same = entry.byLabel.get(label)
    if (same) same.push(member.index)
    else entry.byLabel.set(label, [member.index])
  }
}

/** A superset of what the selector matches, in order: by the requirement that leaves the fewest. */
function candidatesOf(index: NamespaceIndex | undefined, selector: Selector): readonly number[] {
  if (!index) return []
  let best: readonly (readonly number[])[] | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const { key, operator, values } of selector) {
    if (operator !== 'In' || isGeneratedLabel(key)) continue
    const found = values.flatMap((value) => [index.byLabel.get(`${key}=${value}`) ?? []])
    const count = found.reduce((sum, each) => sum + each.length, 0)
    if (count < fewest) [best, fewest] = [found, count]
  }
  if (!best) return index.all
  const lists = index.incomplete.length > 0 ? [...best, index.incomplete] : best
  if (lists.length === 1) return lists[0] as readonly number[]
  return [...new Set(lists.flat())].sort((a, b) => a - b)
}

/** A label that a controller gives to each pod or revision differs between the pods of one shape. */
function podMatches(selector: Selector, member: PodMember): Truth {
  if (!selector.some(({ key }) => isGeneratedLabel(key)))
    return mayMatch(selector, member.pod.labels, member.labelsComplete)
  return selector.reduce<Truth>((truth, each) => both(truth, meets(each, member)), 'yes')
}

function meets(requirement: Requirement, { workload, pod, labelsComplete }: PodMember): Truth {
  const { key, operator } = requirement
  const generated = generatedLabel(workload, key)
  if (generated === 'never') return mayMatch([requirement], pod.labels, labelsComplete)
  if (typeof generated === 'object') return mayMatch([requirement], new Map([[key, generated.value]]), true)
  if (generated === 'unknown' || operator === 'In' || operator === 'NotIn') return 'unknown'
  return operator === 'Exists' ? 'yes' : 'no'
}

export function uniteAll(all: readonly Selected[], sets: SetTable): Selected {
  if (all.length === 1) return all[0] as Selected
  return { sure: sets.unite(all.map((each) => each.sure)), may: sets.unite(all.map((each) => each.may)) }
}
