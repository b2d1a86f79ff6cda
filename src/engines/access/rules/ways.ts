import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Edge } from '../../engine.ts'
import type { Known, Opened, Opening, SharedNames } from '../../known.ts'
import { type Probe, probe, probes } from '../probe.ts'
import type { Right, Rights } from '../rights.ts'
import type { AccessContext } from '../rule.ts'
import { type Member, ONLY, type ScopeKind, type Scopes } from '../scope.ts'

/** One kind of object that leads requests in: the rights to write it, and what they open. */
export interface Way {
  readonly opening: Opening
  readonly create: Probe
  readonly writing: readonly Probe[]
  /** The objects of the kind in a namespace, by name. */
  there(namespace: string): ReadonlySet<string>
  /** What a new one of the namespace leads to, and what any that is there does once it is changed. */
  readonly made: Pair
  readonly withService: Pair
  /** What it leads to in another namespace, once a grant there lets it. */
  readonly granted: Pair
  readonly names: Pair
}

interface Pair {
  readonly created: ScopeKind
  readonly changed: ScopeKind
  isEmpty(namespace: string, scopes: Scopes): boolean
}

export function wayOf(cluster: Cluster, known: Known, opening: Opening): Way {
  const { kind, group, resource } = opening
  let index: ReadonlyMap<string, ReadonlySet<string>> | undefined
  const there = (namespace: string): ReadonlySet<string> => {
    index ??= new Map(
      [...Map.groupBy(cluster.ofKind(kind, group), (each) => each.namespace)].map(([place, all]) => [
        place,
        new Set(all.map(({ name }) => name)),
      ]),
    )
    return index.get(namespace) ?? NONE
  }
  const pair = (name: string, tell: (namespace: string, scopes: Scopes) => readonly Member[]): Pair => {
    const told = new Map<string, readonly Member[]>()
    // Asked of every subject that has the right everywhere.
    const members = (namespace: string, scopes: Scopes): readonly Member[] => {
      const known = told.get(namespace) ?? tell(namespace, scopes)
      told.set(namespace, known)
      return known
    }
    const created: ScopeKind = { name: `${name} a new ${kind}`, members }
    return {
      created,
      isEmpty: (namespace, scopes) => members(namespace, scopes).length === 0,
      changed: {
        name: `${name} a changed ${kind}`,
        members: (namespace, scopes) =>
          there(namespace).size > 0 && members(namespace, scopes).length > 0
            ? [{ to: scopes.of(created, namespace), because: [because(`there is an object of kind ${kind}`)] }]
            : [],
      },
    }
  }
  const guarded = (namespace: string, opened: readonly Opened[]): readonly Member[] =>
    opened.length === 0 ? [] : lettingIn(opened, known.guardsAgainst(namespace, opening))
  return {
    opening,
    there,
    create: probe('create', group, resource),
    writing: probes(['update', 'patch'], group, [resource]),
    made: pair('requests to', (namespace) =>
      guarded(namespace, kind === 'Service' ? opening.pods(namespace) : opening.services(namespace)),
    ),
    withService: pair('requests through a Service to', (namespace) => {
      const before = new Set(opening.services(namespace).map(({ to }) => to))
      return guarded(
        namespace,
        opening.pods(namespace).filter(({ to }) => !before.has(to)),
      )
    }),
    granted: pair('requests by a grant to', (namespace) => guarded(namespace, opening.granted(namespace))),
    names: pair('requests for names of others to', (namespace, scopes) => {
      const guards = known.guardsAgainst(namespace, opening)
      return opening.shared().flatMap((group): readonly Member[] => {
        const taken = group.takes(namespace)
        if (taken === 'no' || group.served.length === 0) return []
        const truth = taken === 'yes' && guards.length === 0 ? 'yes' : 'unknown'
        return [
          {
            to: scopes.of(sharedScope(group), ONLY),
            truth,
            because: [...why(guards), because(`routes of namespace ${namespace} are served among them`)],
          },
        ]
      })
    }),
  }
}

const NONE: ReadonlySet<string> = new Set()

function sharedScope({ name, served }: SharedNames): ScopeKind {
  return { name: `requests for ${name}`, members: () => served.map((each) => ({ kind: 'answers-for', ...each })) }
}

function why(guards: readonly KubeObject[]): Edge['because'] {
  return guards.slice(0, 1).map((guard) => because(`${guard.kind} ${guard.name} may refuse it`, guard))
}

export function lettingIn(opened: readonly Opened[], guards: readonly KubeObject[]): readonly Member[] {
  return opened.map((each) => ({
    kind: 'lets-in',
    ...each,
    ...(guards.length === 0 ? {} : { truth: 'unknown' as const }),
    because: [...why(guards), ...each.because],
  }))
}

/** Rights to write an object of the kind: a new one, or one that is there. */
export function writes(way: Way, rights: Rights, place: string, { scopes }: AccessContext): readonly Right[] {
  return rights.in(place, way.create, ...way.writing).filter((right) => {
    if (right.probe === way.create) return right.names === undefined
    return scopes.within(place).some((each) => isThere(way, right, each))
  })
}

function isThere({ there }: Way, right: Right, namespace: string): boolean {
  const names = there(namespace)
  return right.names === undefined ? names.size > 0 : right.names.some((name) => names.has(name))
}

/** The scopes that a right over a kind leads to, of a place; none where nothing would be reached. */
export function* leading(
  way: Way,
  pair: Pair,
  right: Right,
  place: string,
  { scopes }: AccessContext,
): Generator<string> {
  const within = scopes.within(place)
  if (right.names === undefined) {
    const isNew = right.probe === way.create
    if (within.some((each) => (isNew || way.there(each).size > 0) && !pair.isEmpty(each, scopes)))
      yield scopes.of(isNew ? pair.created : pair.changed, place)
    return
  }
  for (const each of within)
    if (isThere(way, right, each) && !pair.isEmpty(each, scopes)) yield scopes.of(pair.created, each)
}

export function isService({ opening }: Way): boolean {
  return opening.kind === 'Service'
}
