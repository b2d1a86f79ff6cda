import { RE2JS } from 're2js'
import type { Route } from '../../engines/traffic/routes/route.ts'
import type { Request } from '../../observe/access-log/request.ts'

export const NO_ROUTE = 0xffff_ffff

type Matched = Pick<Route, 'host' | 'path' | 'match' | 'target'> & Partial<Pick<Route, 'controller'>>

interface Place {
  readonly route: number
  readonly path: Uint8Array
  readonly match: 'exact' | 'prefix' | 'regex'
  readonly pattern?: ReturnType<typeof RE2JS.compile>
}

const SLASH = 0x2f
const DOT = 0x2e
const PRIME = 0x0100_0193
const OFFSET = 0x811c_9dc5
const LONGEST_TRIED = 4096

/**
 * To which route a logged request belongs, by its place in the list: of the most specific host that fits, the longest path.
 * Where the log tells no host, the backend's name decides (`shop-web-80` of ingress-nginx; a Service that is open by itself
 * is in no log of a proxy), and else the path, if all routes are of one host.
 */
export function routeOf(routes: readonly Matched[]): (request: Request) => number {
  const exact = new Map<number, Place[]>()
  const suffixes = new Map<number, Place[]>()
  const anywhere: Place[] = []
  const backends = new Map<number, { readonly proxied: boolean; readonly route: number }>()
  const hosts = new Set(routes.map(({ host }) => host))
  const all: Place[] = []
  for (const [route, { host, path, match = 'prefix', target, controller }] of routes.entries()) {
    const place: Place = {
      route,
      path: new Uint8Array(Buffer.from(match === 'prefix' ? path.replace(/\/+$/, '') : path)),
      match,
      ...(match === 'regex' ? patternOf(path) : {}),
    }
    all.push(place)
    if (host === '' || host === '*') anywhere.push(place)
    else if (host.startsWith('*.')) listIn(suffixes, hashOf(host.slice(1))).push(place)
    else listIn(exact, hashOf(host)).push(place)
    const [, namespace = '', name = '', port = ''] = /^([^/,]+)\/([^:,]+):([^,]+)$/.exec(target.service) ?? []
    const key = hashOf(`${namespace}-${name}-${port}`)
    if (namespace === '') continue
    const proxied = controller !== undefined
    const known = backends.get(key)
    if (!known || (proxied && !known.proxied)) backends.set(key, { proxied, route })
    // Two routes to one backend: which of them it was, the backend does not tell.
    else if (proxied === known.proxied) backends.set(key, { proxied, route: NO_ROUTE })
  }
  for (const places of [...exact.values(), ...suffixes.values(), anywhere, all]) places.sort(longestFirst)

  return (request) => {
    const { bytes, hostFrom, hostTo, pathFrom, pathTo } = request
    if (hostTo > hostFrom) {
      const own = exact.get(hashBytes(bytes, hostFrom, hostTo))
      const found = own ? matching(own, bytes, pathFrom, pathTo) : NO_ROUTE
      if (found !== NO_ROUTE) return found
      if (suffixes.size > 0)
        for (let at = hostFrom; at < hostTo; at++) {
          if (bytes[at] !== DOT) continue
          const wild = suffixes.get(hashBytes(bytes, at, hostTo))
          const below = wild ? matching(wild, bytes, pathFrom, pathTo) : NO_ROUTE
          if (below !== NO_ROUTE) return below
        }
      return matching(anywhere, bytes, pathFrom, pathTo)
    }
    if (request.backendTo > request.backendFrom) {
      const found = backends.get(hashBytes(bytes, request.backendFrom, request.backendTo))?.route ?? NO_ROUTE
      if (found !== NO_ROUTE) return found
    }
    return hosts.size <= 1 ? matching(all, bytes, pathFrom, pathTo) : NO_ROUTE
  }
}

function matching(places: readonly Place[], bytes: Uint8Array, from: number, to: number): number {
  for (const place of places) if (matches(place, bytes, from, to)) return place.route
  return NO_ROUTE
}

function matches({ path, match, pattern }: Place, bytes: Uint8Array, from: number, to: number): boolean {
  if (match === 'regex') {
    const text = Buffer.from(bytes.subarray(from, Math.min(to, from + LONGEST_TRIED))).toString('utf8')
    return pattern?.matcher(text).lookingAt() === true
  }
  const length = path.length
  if (to - from < length || (match === 'exact' && to - from !== length)) return false
  for (let at = 0; at < length; at++) if (bytes[from + at] !== path[at]) return false
  return to - from === length || bytes[from + length] === SLASH || length === 0
}

/** Of a pattern that RE2 refuses nothing is known: it matches nothing here. */
function patternOf(path: string): { readonly pattern: ReturnType<typeof RE2JS.compile> } | object {
  try {
    return { pattern: RE2JS.compile(path) }
  } catch {
    return {}
  }
}

function longestFirst(a: Place, b: Place): number {
  const rank = ({ match }: Place): number => (match === 'exact' ? 0 : 1)
  return rank(a) - rank(b) || b.path.length - a.path.length || a.route - b.route
}

function listIn(map: Map<number, Place[]>, key: number): Place[] {
  const known = map.get(key) ?? []
  map.set(key, known)
  return known
}

function hashOf(text: string): number {
  const bytes = Buffer.from(text)
  return hashBytes(bytes, 0, bytes.length)
}

/** Of names in small letters, as hosts are compared. 32 bits: two hosts of one cluster that collide would be one. */
function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = OFFSET
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number
    hash = Math.imul(hash ^ (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte), PRIME)
  }
  return hash >>> 0
}
