import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyRequest, type Request } from '../../observe/access-log/request.ts'
import { NO_ROUTE, routeOf } from './route-of.ts'

const route = (
  host: string,
  path: string,
  match: 'exact' | 'prefix' | 'regex' = 'prefix',
  service = 'shop/web:80',
) => ({
  host,
  path,
  match,
  target: { service, workloads: [] },
})

function requestOf(host: string, path: string, backend = ''): Request {
  const bytes = Buffer.from(`${host} ${path} ${backend}`)
  const from = host.length + 1
  const behind = from + path.length + 1
  return {
    ...emptyRequest(),
    bytes,
    hostFrom: 0,
    hostTo: host.length,
    pathFrom: from,
    pathTo: from + path.length,
    backendFrom: behind,
    backendTo: bytes.length,
  }
}

test('the most specific host, then the longest path', () => {
  const of = routeOf([
    route('shop.example.com', '/'),
    route('shop.example.com', '/api'),
    route('shop.example.com', '/api/v1/', 'prefix'),
    route('shop.example.com', '/health', 'exact'),
    route('*.example.com', '/'),
    route('', '/fallback'),
    route('rx.example.com', '/item/[0-9]+', 'regex'),
    route('rx.example.com', '/bad/(', 'regex'),
  ])
  const cases: readonly (readonly [host: string, path: string, route: number])[] = [
    ['shop.example.com', '/', 0],
    ['SHOP.example.com', '/apis', 0],
    ['shop.example.com', '/api', 1],
    ['shop.example.com', '/api/v2', 1],
    ['shop.example.com', '/api/v1', 2],
    ['shop.example.com', '/api/v1/x', 2],
    ['shop.example.com', '/health', 3],
    ['shop.example.com', '/health/x', 0],
    ['a.b.example.com', '/x', 4],
    ['other.net', '/fallback/x', 5],
    ['other.net', '/', NO_ROUTE],
    ['rx.example.com', '/item/7', 6],
    ['rx.example.com', '/item/x', 4],
  ]
  for (const [host, path, expected] of cases) assert.equal(of(requestOf(host, path)), expected, `${host}${path}`)
})

test('without a host the backend decides, and the path only where there is one host', () => {
  const several = routeOf([
    route('a', '/'),
    route('b', '/', 'prefix', 'shop/api:8080'),
    route('c', '/', 'prefix', 'shop/both:1'),
    route('d', '/', 'prefix', 'shop/both:1'),
  ])
  assert.equal(several(requestOf('', '/', 'shop-web-80')), 0)
  assert.equal(several(requestOf('', '/', 'shop-api-8080')), 1)
  assert.equal(several(requestOf('', '/', 'shop-both-1')), NO_ROUTE)
  assert.equal(several(requestOf('', '/')), NO_ROUTE)
  assert.equal(routeOf([route('a', '/'), route('a', '/api')])(requestOf('', '/api/x')), 1)
})

test('a Service that is open by itself is in no log of a proxy', () => {
  const controller = { product: 'ingress-nginx' } as unknown as NonNullable<
    Parameters<typeof routeOf>[0][number]['controller']
  >
  const alone = route('', '', 'prefix')
  const behind = { ...route('shop.example.com', '/'), controller }
  const other = { ...route('www.example.com', '/'), controller }
  assert.equal(routeOf([alone, behind])(requestOf('', '/', 'shop-web-80')), 1)
  assert.equal(routeOf([behind, alone])(requestOf('', '/', 'shop-web-80')), 0)
  assert.equal(routeOf([behind, alone, other])(requestOf('', '/', 'shop-web-80')), NO_ROUTE)
})
