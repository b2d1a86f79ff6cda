import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at } from '../../../cluster/json.ts'
import { app, ingress, ingressNginx, routed } from '../routes/testing.ts'
import { httpRouteName } from './http-route.ts'
import { migrationOf } from './migration.ts'
import type { MoveTarget } from './tools.ts'

const PREFIX = 'nginx.ingress.kubernetes.io/'
const LIMITS = `${PREFIX}limit-rps: "10", ${PREFIX}limit-connections: "5", ${PREFIX}limit-rate: "100", ${PREFIX}proxy-buffering: "on", ${PREFIX}proxy-body-size: 8m`
const moved = (to: MoveTarget, annotations = LIMITS) =>
  migrationOf(routed(ingressNginx() + ingress(annotations) + app('web')).routing, to)

/** Each limit: what the tool does, what the objects do. */
const fates = (to: MoveTarget): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (moved(to).moves[0]?.limits ?? []).map(({ limit, byTool, byObjects }) => [
      limit.limit.kind,
      `${byTool} ${byObjects}`,
    ]),
  )

describe('a move away from ingress-nginx', () => {
  test('to the Gateway API loses every limit but the size of bodies, unless the objects keep it', () => {
    assert.deepEqual(fates('envoy-gateway'), {
      connections: 'lost lost',
      requests: 'lost changed',
      bandwidth: 'lost lost',
      body: 'kept changed',
    })
  })

  test('to Traefik keeps what its provider reads, and answers otherwise', () => {
    assert.deepEqual(fates('traefik'), {
      connections: 'changed changed',
      requests: 'changed changed',
      bandwidth: 'lost lost',
      body: 'kept changed',
    })
  })

  test('to the others nothing is read that is not their own', () => {
    for (const to of ['f5-nginx', 'haproxy'] as const)
      assert.ok(
        Object.values(fates(to)).every((each) => each.startsWith('lost')),
        to,
      )
    assert.equal(fates('f5-nginx').requests, 'lost kept')
  })

  test('every limit that is not kept is told as a loss', () => {
    for (const to of ['envoy-gateway', 'traefik', 'f5-nginx', 'haproxy'] as const) {
      const [move] = moved(to).moves
      for (const { limit, byObjects } of move?.limits ?? [])
        assert.equal(
          byObjects !== 'kept',
          move?.losses.some((loss) => loss.limit === limit.limit),
          `${to} ${limit.limit.kind}`,
        )
    }
  })

  test('names what it makes on the Ingress, or as the policy of the HTTPRoutes that ingress2gateway makes', () => {
    const [toTraefik] = moved('traefik').moves
    const named = toTraefik?.annotate['traefik.ingress.kubernetes.io/router.middlewares']?.split(',') ?? []
    assert.deepEqual(
      named,
      toTraefik?.objects.map((each) => `shop-${String(at(each, 'metadata', 'name'))}@kubernetescrd`),
    )
    const [toGateway] = moved('envoy-gateway').moves
    assert.equal(at(toGateway?.objects[0], 'spec', 'targetRefs', 0, 'name'), 'web-shop-example-com')
    assert.equal(httpRouteName('web', '*.example.com'), 'web-example-com')
    assert.equal(httpRouteName('web', ''), 'web-all-hosts')
  })

  test('to Envoy Gateway: Ingresses of one host meet in one HTTPRoute, and long times are durations of its API', () => {
    const two =
      ingress(`${PREFIX}limit-rps: "3", ${PREFIX}proxy-read-timeout: "3600"`) +
      ingress(LIMITS, 'api', 'shop.example.com', '/api')
    const { moves } = migrationOf(routed(ingressNginx() + two + app('web')).routing, 'envoy-gateway')
    assert.ok(moves.every(({ losses }) => losses.some(({ field }) => field === 'route')))
    const alone = moved('envoy-gateway').moves[0]?.losses ?? []
    assert.ok(!alone.some(({ field }) => field === 'route'))
    const times = moves.flatMap(({ objects }) =>
      objects.map((each) => at(each, 'spec', 'timeout', 'http', 'requestTimeout')),
    )
    assert.ok(times.includes('3600s'))
  })

  test('what does nothing today is not lost, and an Ingress without limits has nothing to lose', () => {
    const dead = moved('envoy-gateway', `${PREFIX}global-rate-limit: "100", ${PREFIX}global-rate-limit-window: 1m`)
    assert.deepEqual([dead.moves[0]?.limits.length, dead.moves[0]?.inert.length], [0, 1])
    const bare = moved('envoy-gateway', '')
    assert.deepEqual([bare.moves.length, bare.without.length], [0, 1])
  })

  test('Ingresses of others are not asked', () => {
    const other = ingress(LIMITS).replace('ingressClassName: nginx', 'ingressClassName: traefik')
    const { moves, without } = migrationOf(routed(other + app('web')).routing, 'traefik')
    assert.deepEqual([moves.length, without.length], [0, 0])
  })
})
