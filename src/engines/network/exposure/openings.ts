import { PUBLIC } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import { CHANCE } from '../../engine.ts'
import type { Answer, Opened, Opening, Openings } from '../../known.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import type { Service } from '../services.ts'
import { outsideAdmitted, proxyAdmitted, type Target } from './admission.ts'
import { type Door, doorsOf, ROUTE_KINDS, type RouteKind } from './doors.ts'
import { grantedTo } from './grants.ts'
import { sharedNames } from './shared-names.ts'

const done = new WeakMap<NetworkModel, Openings>()

/**
 * What whoever writes the objects by which traffic comes in could lead it to: the workloads of a namespace, or those
 * behind its Services, where their policies let in what the way in sends. Each workload once, by the best way in.
 */
export function openingsOf(model: NetworkModel): Openings {
  const known = done.get(model)
  if (known) return known
  const byKind = Map.groupBy(doorsOf(model), ({ route }) => route)
  const openings: Openings = {
    routes: ROUTE_KINDS.flatMap((route) => {
      const doors = byKind.get(route)
      return doors ? [openingOf(model, route, doors)] : []
    }),
    anywhere: once(() => {
      const all = [...byKind.values()].flat().map((door) => ({ door, truth: door.truth }))
      return best(podsOf(model).map((member) => opened(model, member, all)))
    }),
  }
  done.set(model, openings)
  return openings
}

function openingOf(model: NetworkModel, route: RouteKind, doors: readonly Door[]): Opening {
  const takenOf = (namespace: string): readonly Taken[] =>
    doors.flatMap((door) => {
      const truth = both(door.truth, door.takes(namespace))
      return truth === 'no' ? [] : [{ door, truth }]
    })
  const behind = (services: readonly Service[], taken: readonly Taken[]): readonly Opened[] =>
    best(
      services.flatMap((service) => {
        const why = because(`Service ${service.object.name} leads to it`, service.object, ['spec', 'selector'])
        return service.ports
          .flatMap((port) => model.services.backendsOf(service, port))
          .map((backend) => opened(model, backend.member, taken, backend, why))
      }),
    )
  return {
    ...route,
    takes: (namespace) => doors.some((door) => door.takes(namespace) !== 'no'),
    pods: byNamespace((namespace) => {
      const taken = takenOf(namespace)
      // A Service without a selector selects no pod, and a pod without labels is selected by none.
      const pods =
        taken.length === 0 ? [] : (podsIn(model).get(namespace) ?? []).filter(({ pod }) => pod.labels.size > 0)
      return best(pods.map((member) => opened(model, member, taken)))
    }),
    services: byNamespace((namespace) => {
      const taken = takenOf(namespace)
      if (taken.length === 0) return []
      return behind([...(servicesIn(model).get(namespace) ?? []), ...grantedTo(model, route, namespace)], taken)
    }),
    granted: byNamespace((namespace) =>
      behind(
        servicesIn(model).get(namespace) ?? [],
        doors.map((door) => ({ door, truth: door.truth })),
      ),
    ),
    shared: once(() => sharedNames(model, route)),
  }
}

interface Taken {
  readonly door: Door
  readonly truth: Exclude<Truth, 'no'>
}

/** Ways in beyond these are held to be like the last: who writes thousands of Gateways asks for no thousand answers. */
const MOST_DOORS = 200

/** The best that one of the ways in gives: a port that is known to be served before any other, what is sure before what is not. */
function opened(
  model: NetworkModel,
  member: PodMember,
  taken: readonly Taken[],
  backend?: Target,
  ...why: readonly Because[]
): Opened | undefined {
  const served = (model.served[member.index] ?? []).map((each) => ({ member, ...each }))
  const tries: readonly (readonly [chance: number, targets: readonly Target[]])[] = backend
    ? [[CHANCE.served, [backend]]]
    : [
        [CHANCE.served, served],
        [CHANCE.unserved, [{ member }]],
      ]
  for (const [chance, targets] of tries) {
    let found: Opened | undefined
    for (const target of targets)
      for (const { door, truth } of taken.slice(0, MOST_DOORS)) {
        const admitted = through(model, door, target)
        const sure = both(truth, admitted.truth)
        if (sure === 'no' || (found && sure !== 'yes')) continue
        found = { to: member.id, chance, truth: sure, because: [...why, ...door.because, ...admitted.because] }
        if (sure === 'yes') return found
      }
    if (found) return found
  }
  return undefined
}

const answers = new WeakMap<readonly PodMember[], Map<string, Answer>>()

/** Many ways in have the same proxies. */
function through(model: NetworkModel, { proxies }: Door, target: Target): Answer {
  if (!proxies) return outsideAdmitted(model, target, PUBLIC, true)
  const ofProxies = answers.get(proxies) ?? new Map<string, Answer>()
  answers.set(proxies, ofProxies)
  const key = `${target.member.index} ${target.port === undefined ? '' : `${target.protocol} ${target.port}`}`
  const known = ofProxies.get(key) ?? proxyAdmitted(model, target, proxies)
  ofProxies.set(key, known)
  return known
}

/** Each workload once: the shapes of its pods, and the Services before them, are all of one. */
function best(all: readonly (Opened | undefined)[]): readonly Opened[] {
  const found = new Map<string, Opened>()
  for (const each of all) {
    if (!each) continue
    const same = found.get(each.to)
    const isBetter =
      !same ||
      each.chance > same.chance ||
      (each.chance === same.chance && each.truth === 'yes' && same.truth !== 'yes')
    if (isBetter) found.set(each.to, each)
  }
  return [...found.values()]
}

const pods = new WeakMap<NetworkModel, ReadonlyMap<string, readonly PodMember[]>>()

function podsOf(model: NetworkModel): readonly PodMember[] {
  return model.members.filter((member) => member.kind !== 'node')
}

function podsIn(model: NetworkModel): ReadonlyMap<string, readonly PodMember[]> {
  const known = pods.get(model) ?? Map.groupBy(podsOf(model), ({ namespace }) => namespace.name)
  pods.set(model, known)
  return known
}

const services = new WeakMap<NetworkModel, ReadonlyMap<string, readonly Service[]>>()

function servicesIn(model: NetworkModel): ReadonlyMap<string, readonly Service[]> {
  const known = services.get(model) ?? Map.groupBy(model.services.all, ({ object }) => object.namespace)
  services.set(model, known)
  return known
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function byNamespace<T>(make: (namespace: string) => T): (namespace: string) => T {
  const made = new Map<string, T>()
  return (namespace) => {
    const known = made.get(namespace) ?? make(namespace)
    made.set(namespace, known)
    return known
  }
}
