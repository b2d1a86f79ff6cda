import { because } from '../../../cluster/because.ts'
import { growthOf } from '../bounds/growth-of.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Route } from '../routes/route.ts'
import type { Exhaustion } from './exhaustion.ts'
import { isGrowing } from './growth.ts'
import { exhaustion, heldBack, type Survey, type Unlimited } from './survey.ts'
import { between, upstreamOf } from './upstream.ts'

const LIMIT = 'a limit per client on the route'

/** What one client can use up by requests alone: what it calls, the proxy before it, the stores behind it. */
export function* byRequests(survey: Survey): Generator<Exhaustion> {
  yield* exposed(survey)
  yield* proxies(survey)
}

/** Each exposed workload that no limit guards, with whatever calls it. */
function* exposed(survey: Survey): Generator<Exhaustion> {
  for (const truth of ['yes', 'unknown'] as const) {
    const all = [...survey.unlimited].filter(([, each]) => each.truth === truth)
    if (all.length === 0) continue
    const judged = all
      .map(([id, each]) => ({ id, each, hits: survey.hits([id, ...upstreamOf(survey, id).next.keys()]) }))
      .sort((a, b) => b.hits.share - a.hits.share || (a.id < b.id ? -1 : 1))
    const worst = judged[0] as (typeof judged)[number]
    yield exhaustion({
      source: 'client',
      exhausts: {
        kind: 'workload',
        id: all.length === 1 ? worst.id : '',
        title: all.length === 1 ? 'the exposed workload itself' : 'each exposed workload by itself',
      },
      ids: judged.map(({ id }) => id),
      hits: worst.hits,
      truth,
      because: worst.each.because,
      caps: [LIMIT, 'replicas that scale by load, up to a maximum'],
    })
  }
}

/** A proxy is shared by all hosts that it serves; what is not refused there at once costs it too. */
function* proxies(survey: Survey): Generator<Exhaustion> {
  const byProxy = new Map<Controller, Route[]>()
  for (const route of survey.routes) {
    const { controller } = route
    if (!controller?.workload) continue
    const own = byProxy.get(controller)
    if (own) own.push(route)
    else byProxy.set(controller, [route])
  }
  for (const [controller, routes] of byProxy) {
    const open = routes.filter((route) => heldBack(route) !== 'yes')
    const proxy = controller.workload
    if (open.length === 0 || !proxy) continue
    const isSure = open.some((route) => route.exposed === 'yes' && heldBack(route) === 'no')
    const hosts = [...new Set(open.map(({ host, object }) => host || object.id))].sort()
    const behind = routes.flatMap(({ target }) => target.workloads)
    const { now } = controller.replicas
    yield exhaustion({
      source: 'client',
      exhausts: { kind: 'proxy', id: proxy.id, title: `the proxy ${proxy.namespace}/${proxy.name}` },
      ids: hosts,
      hits: survey.hits([proxy.id, ...behind]),
      truth: isSure ? 'yes' : 'unknown',
      because: [
        because(`${routes.length} routes share it${now === undefined ? '' : `, in ${now} replicas`}`, proxy.object),
        ...(open[0] as Route).because.slice(0, 2),
      ],
      caps: [`${LIMIT}s`, 'more replicas of the proxy, or one of its own for what matters', 'a third party in front'],
    })
  }
}

/** A store and all that calls it, from outside and from a pod. */
export function* stores(survey: Survey): Generator<Exhaustion> {
  for (const { id, object, namespace, name } of survey.workloads) {
    if (!survey.known.isStore(id)) continue
    const upstream = upstreamOf(survey, id)
    if (upstream.next.size === 0 && !survey.unlimited.has(id)) continue
    const callers = [...upstream.next.keys()].sort()
    const hits = survey.hits([id, ...callers])
    const exhausts = { kind: 'store' as const, id, title: `the store ${namespace}/${name}` }
    const direct = survey.callersOf(id)
    const shared = because(direct.size === 1 ? 'one workload calls it' : `${direct.size} workloads call it`, object)
    const open = callers.filter((caller) => survey.unlimited.has(caller))
    const [first] = open.sort((a, b) => depth(upstream, a, id) - depth(upstream, b, id) || (a < b ? -1 : 1))
    if (first !== undefined) {
      const entry = survey.unlimited.get(first) as Unlimited
      const isSure = open.some((caller) => survey.unlimited.get(caller)?.truth === 'yes')
      yield exhaustion({
        source: 'client',
        exhausts,
        ids: open,
        via: between(upstream, first, id),
        hits,
        truth: isSure ? 'yes' : 'unknown',
        because: [...entry.because, shared, ...[...direct.values()].flat().slice(0, 2)],
        caps: [LIMIT, 'a pool of connections smaller than the store takes', 'a queue or cache before it'],
      })
    }
    const growing = [...direct.keys()].filter((caller) => isGrowing(survey, caller)).sort()
    const [grown] = growing
    if (grown !== undefined)
      yield exhaustion({
        source: 'deployment',
        exhausts,
        ids: growing,
        hits,
        truth: 'unknown',
        because: [
          ...growthOf(survey.cluster)(grown).because.slice(0, 2),
          because('each pod opens connections of its own; how many the store takes is not in the input', object),
          ...(direct.get(grown) ?? []).slice(0, 1),
        ],
        caps: ['a maximum of replicas times the pool of each below what the store takes', 'a pooler before it'],
      })
    if (direct.size > 1)
      yield exhaustion({
        source: 'pod',
        exhausts,
        ids: [...direct.keys()].sort(),
        hits,
        truth: 'yes',
        because: [shared, ...[...direct.values()].flat().slice(0, 3)],
        caps: ['a limit of connections for each account of the store', 'a pooler before it'],
      })
  }
}

function depth(upstream: ReturnType<typeof upstreamOf>, from: string, to: string): number {
  return between(upstream, from, to).length
}
