import { type Because, because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, type Json, list, type Path, string } from '../../../../cluster/json.ts'
import { parseSelector, selects } from '../../../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../../../cluster/object.ts'
import type { Product } from '../../dialects/dialect.ts'
import type { Placed } from '../finish.ts'
import type { Attached, Attacher } from './attached.ts'

/** A policy that is attached by `targetRef`, `targetRefs` or `targetSelectors` (GEP-713). */
interface Targeted {
  readonly policy: KubeObject
  readonly section: string | undefined
  readonly path: Path
}

/** How near to the rule a policy is attached; what is nearer replaces what is farther, unless it is merged. */
type Level = 'rule' | 'route' | 'listener' | 'gateway' | 'service'

type Targets = ReadonlyMap<string, readonly Targeted[]>

/** Policies of one kind for routes of the Gateway API; `forServices`: a Service may be their target. */
export function policyAttacher(
  kind: string,
  group: string,
  products: readonly Product[],
  { forServices = false }: { readonly forServices?: boolean } = {},
): Attacher {
  return (cluster) => {
    const targets = targetsOf(cluster, kind, group, forServices)
    return { products, of: (placed) => attached(targets, placed) }
  }
}

function targetsOf(cluster: Cluster, kind: string, group: string, forServices: boolean): Targets {
  const all = new Map<string, Targeted[]>()
  for (const policy of cluster.ofKind(kind, group)) {
    for (const [reference, path] of references(policy)) {
      const name = string(field(reference, 'name'))
      if (name === undefined || (!forServices && field(reference, 'kind') === 'Service')) continue
      const section = string(field(reference, 'sectionName'))
      add(all, keyOf(string(field(reference, 'kind')) ?? '', policy.namespace, name), { policy, section, path })
    }
    for (const [index, chosen] of list(at(policy.body, 'spec', 'targetSelectors')).entries())
      for (const object of chosenBy(cluster, policy, chosen))
        add(all, keyOf(object.kind, object.namespace, object.name), {
          policy,
          section: undefined,
          path: ['spec', 'targetSelectors', index],
        })
  }
  return all
}

function references({ body }: KubeObject): readonly (readonly [Json | undefined, Path])[] {
  const one = at(body, 'spec', 'targetRef')
  return [
    ...(one === undefined ? [] : [[one, ['spec', 'targetRef']] as const]),
    ...list(at(body, 'spec', 'targetRefs')).map((each, index) => [each, ['spec', 'targetRefs', index]] as const),
  ]
}

const CHOSEN: Readonly<Record<string, string>> = {
  Gateway: 'gateway.networking.k8s.io',
  HTTPRoute: 'gateway.networking.k8s.io',
  GRPCRoute: 'gateway.networking.k8s.io',
}

function chosenBy(cluster: Cluster, policy: KubeObject, chosen: Json): readonly KubeObject[] {
  const kind = string(field(chosen, 'kind')) ?? ''
  const group = Object.hasOwn(CHOSEN, kind) ? CHOSEN[kind] : undefined
  const selector = parseSelector(chosen)
  if (group === undefined || selector === undefined || typeof selector === 'string') return []
  return cluster
    .ofKind(kind, group)
    .filter((each) => each.namespace === policy.namespace && selects(selector, labelsOf(each.body)))
}

function add(all: Map<string, Targeted[]>, key: string, targeted: Targeted): void {
  const same = all.get(key)
  if (same) same.push(targeted)
  else all.set(key, [targeted])
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`
}

function attached(targets: Targets, placed: Placed): readonly Attached[] {
  if (targets.size === 0) return []
  const found: { readonly targeted: Targeted; readonly level: Level }[] = []
  const { object, rule, parents } = placed.draft
  const ruleName = string(at(object.body, ...rule, 'name'))
  for (const targeted of targets.get(keyOf(object.kind, object.namespace, object.name)) ?? []) {
    if (targeted.section === undefined) found.push({ targeted, level: 'route' })
    else if (targeted.section === ruleName) found.push({ targeted, level: 'rule' })
  }
  for (const { gateway, sections } of parents)
    for (const targeted of targets.get(keyOf('Gateway', gateway.namespace, gateway.name)) ?? []) {
      if (targeted.section === undefined) found.push({ targeted, level: 'gateway' })
      else if (sections.includes(targeted.section)) found.push({ targeted, level: 'listener' })
    }
  for (const service of placed.services)
    for (const targeted of targets.get(keyOf('Service', service.namespace, service.name)) ?? [])
      found.push({ targeted, level: 'service' })
  return ranked(found)
}

const RANK: Readonly<Record<Level, number>> = { service: 5, rule: 4, route: 3, listener: 2, gateway: 1 }

/** The nearest counts, of equally near ones the oldest, then the first by name; those that lose are said to be overridden. */
function ranked(found: readonly { readonly targeted: Targeted; readonly level: Level }[]): readonly Attached[] {
  const accepted = found.filter(({ targeted }) => rejection(targeted.policy) === undefined)
  const order = [...accepted].sort(
    (a, b) => RANK[b.level] - RANK[a.level] || compare(age(a.targeted.policy), age(b.targeted.policy)),
  )
  const winner = order[0]
  const merges = winner && string(at(winner.targeted.policy.body, 'spec', 'mergeType')) !== undefined
  return [
    ...found
      .filter(({ targeted }) => rejection(targeted.policy) !== undefined)
      .map(({ targeted }) => refused(targeted)),
    ...order.map(({ targeted, level }, index) => {
      const reason = because(`is attached to its ${level}`, targeted.policy, targeted.path)
      if (index === 0 || (merges && index === 1)) return { object: targeted.policy, because: [reason] }
      return {
        object: targeted.policy,
        because: [reason],
        inert: {
          rule: 'overridden',
          because: [
            because(`${winner?.targeted.policy.name} is nearer to the route, or older`, winner?.targeted.policy),
          ],
        },
      }
    }),
  ]
}

function age(policy: KubeObject): string {
  return `${string(at(policy.body, 'metadata', 'creationTimestamp')) ?? '9999'} ${policy.namespace}/${policy.name}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function refused({ policy, path }: Targeted): Attached {
  return {
    object: policy,
    because: [because('is attached to it', policy, path)],
    inert: { rule: 'not-accepted', because: [rejection(policy) as Because] },
  }
}

/** What the status of a policy says against it: `Accepted` or `Programmed` is False for every ancestor. */
export function rejection(policy: KubeObject): Because | undefined {
  const ancestors = list(at(policy.body, 'status', 'ancestors'))
  const held =
    ancestors.length > 0
      ? ancestors.map((each) => [field(each, 'conditions')])
      : [[at(policy.body, 'status', 'conditions')]]
  const against = held.map(([conditions]) =>
    list(conditions).find((each) => field(each, 'type') === 'Accepted' && field(each, 'status') === 'False'),
  )
  const first = against[0]
  if (first === undefined || against.some((each) => each === undefined)) return undefined
  const why = string(field(first, 'reason')) ?? 'no reason is told'
  return because(`its controller does not accept it: ${why}`, policy, ['status'])
}
