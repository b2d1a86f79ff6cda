import { at, stringMap } from '../../cluster/json.ts'
import type { Selector } from '../../cluster/labels.ts'
import { isGeneratedLabel, type Workload } from '../../cluster/workload.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Labels } from './allowance.ts'

/** The labels by which a policy selects a workload's pods. */
export interface PodSelector {
  readonly labels: Labels
  /** Whether it selects each of its pods, and surely no other. */
  readonly isExact: boolean
  /** Other workloads of the namespace that have the same labels, or may. */
  readonly others: readonly string[]
}

const memos = new WeakMap<NetworkModel, Map<string, PodSelector | undefined>>()

/** The narrowest selector of plain labels; undefined for pods without labels, and those on their node's network. */
export function selectorOf(model: NetworkModel, workload: Workload): PodSelector | undefined {
  const memo = memos.get(model) ?? new Map<string, PodSelector | undefined>()
  memos.set(model, memo)
  if (memo.has(workload.id)) return memo.get(workload.id)
  const made = make(model, workload)
  memo.set(workload.id, made)
  return made
}

function make(model: NetworkModel, workload: Workload): PodSelector | undefined {
  const own = model.membersOf(workload.id).filter(({ kind }) => kind === 'pod')
  const pods = own.length > 0 ? own.map(({ pod }) => pod) : workload.specs.map(({ pod }) => pod)
  const lasting = lastingLabels(pods.map(({ labels }) => labels))
  const body = workload.object?.body
  const written = stringMap(at(body, 'spec', 'selector', 'matchLabels') ?? at(body, 'spec', 'selector'))
  const labels = new Map([...written].filter(([key, value]) => lasting.get(key) === value))
  let found = matched(model, workload, own.length, labels)
  // What a release changes would stop to select at the next one, unless the owner itself holds fast to it.
  const more = [...lasting.keys()]
    .filter((key) => !labels.has(key) && !isOfRelease(key))
    .sort(byUse)
    .slice(0, MOST)
  while (more.length > 0 && (labels.size === 0 || !found.isExact)) {
    const tried = more.map((key) => {
      const wider = new Map([...labels, [key, lasting.get(key) as string]])
      return { key, found: matched(model, workload, own.length, wider) }
    })
    const best = tried.reduce((a, b) => (b.found.count < a.found.count ? b : a))
    if (labels.size > 0 && best.found.count >= found.count) break
    labels.set(best.key, lasting.get(best.key) as string)
    found = best.found
    more.splice(more.indexOf(best.key), 1)
  }
  return labels.size === 0
    ? undefined
    : { labels: Object.fromEntries(labels), isExact: found.isExact, others: found.others }
}

/** Labels that all its pods have alike, and that neither a controller nor the node writes. */
function lastingLabels(all: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> {
  const [first, ...rest] = all
  return new Map(
    [...(first ?? [])].filter(
      ([key, value]) =>
        !isGeneratedLabel(key) &&
        !key.includes('topology.kubernetes.io/') &&
        rest.every((each) => each.get(key) === value),
    ),
  )
}

function isOfRelease(key: string): boolean {
  return key === 'app.kubernetes.io/version' || key === 'helm.sh/chart' || key === 'chart' || key === 'heritage'
}

/** Each label is tried beside each other. */
const MOST = 20

const USUAL: readonly string[] = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name']

function byUse(a: string, b: string): number {
  const rank = (key: string): number => (USUAL.includes(key) ? USUAL.indexOf(key) : USUAL.length)
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}

interface Matched {
  readonly count: number
  readonly isExact: boolean
  readonly others: readonly string[]
}

function matched(model: NetworkModel, workload: Workload, own: number, labels: ReadonlyMap<string, string>): Matched {
  const selector: Selector = [...labels].map(([key, value]) => ({ key, operator: 'In', values: [value] }))
  const { sure, may } = model.selection.inNamespace(workload.namespace, selector)
  const members = model.sets.members(may)
  const others = [...new Set(members.flatMap((index) => model.members[index]?.id ?? []))].filter(
    (id) => id !== workload.id,
  )
  return { count: members.length, isExact: sure === may && others.length === 0 && members.length === own, others }
}
