import type { Cluster } from '../../../cluster/cluster.ts'
import { typeName } from '../../../cluster/kinds.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import type { Edge } from '../../engine.ts'
import type { Exposed, Known } from '../../known.ts'
import { placesOfAll } from '../making.ts'
import { probes } from '../probe.ts'
import type { Right, Rights } from '../rights.ts'
import { type AccessContext, once, step } from '../rule.ts'
import { ONLY, type ScopeKind } from '../scope.ts'
import { isService, lettingIn, type Way, writes } from './ways.ts'

const SLICES = probes(['create', 'update', 'patch'], 'discovery.k8s.io', ['endpointslices'])
const ENDPOINTS = probes(['create', 'update', 'patch'], '', ['endpoints'])

/** Endpoints that are written by hand may name a pod of any namespace: the proxy, or kube-proxy, asks nobody whose it is. */
export function* openAddress(ways: readonly Way[], rights: Rights, context: AccessContext): Generator<Edge> {
  const { known, scopes, cluster } = context
  const anywhere = (): string | undefined =>
    known.openings().anywhere().length === 0 ? undefined : scopes.of(anyAddress(known), ONLY)
  const told = new Set<string>()
  const slices = (place: string): readonly Right[] =>
    rights.in(place, ...SLICES).filter((right) => ofSlice(right, cluster, place, context))
  const writing = (place: string): readonly Right[] =>
    ways.flatMap((way) =>
      scopes.within(place).some((each) => way.opening.takes(each)) ? writes(way, rights, place, context) : [],
    )
  const services = (place: string): readonly Right[] =>
    ways.filter(isService).flatMap((way) => writes(way, rights, place, context))
  const endpoints = (place: string): readonly Right[] =>
    rights.in(place, ...ENDPOINTS).filter(({ names }) => names === undefined)
  for (const lists of [
    [slices, writing],
    [endpoints, services],
  ] as const)
    for (const { by } of placesOfAll(rights, ...lists)) {
      const to = anywhere()
      if (to !== undefined) yield* once(told, step('open-address', rights, to, by))
    }
  for (const { place, by } of placesOfAll(rights, slices)) {
    const open = scopes
      .within(place)
      .map((each) => exposedIn(known, each))
      .find((each) => each !== undefined)
    const to = open && anywhere()
    if (to !== undefined)
      yield* once(
        told,
        step('open-address', rights, to, by, { truth: open?.truth ?? 'unknown', because: open?.because ?? [] }),
      )
  }
}

/** Whether a right over slices is of use: a new one, or one of a Service that is there. */
function ofSlice(
  { probe: { verb }, names }: Right,
  cluster: Cluster,
  place: string,
  { scopes }: AccessContext,
): boolean {
  if (verb === 'create') return names === undefined
  return (names ?? []).length === 0
    ? true
    : scopes
        .within(place)
        .some((each) =>
          names?.some((name) => cluster.get(idOf(typeName('discovery.k8s.io', 'EndpointSlice'), each, name))),
        )
}

const anyAddresses = new WeakMap<Known, ScopeKind>()

function anyAddress(known: Known): ScopeKind {
  const scope = anyAddresses.get(known) ?? {
    name: 'requests to any address',
    members: () => lettingIn(known.openings().anywhere(), []),
  }
  anyAddresses.set(known, scope)
  return scope
}

/** Ways in that an object of a namespace opens, other than its pods' own. */
const OWN_PORTS: ReadonlySet<string> = new Set(['exposed-host-port', 'exposed-host-network'])
const openIn = new WeakMap<Known, ReadonlyMap<string, Exposed>>()

function exposedIn(known: Known, namespace: string): Exposed | undefined {
  let index = openIn.get(known)
  if (!index) {
    const found = new Map<string, Exposed>()
    for (const each of known.exposures()) {
      const { namespace: place } = idParts(each.rule)
      if (!OWN_PORTS.has(each.kind) && found.get(place)?.truth !== 'yes') found.set(place, each)
    }
    index = found
    openIn.set(known, index)
  }
  return index.get(namespace)
}
