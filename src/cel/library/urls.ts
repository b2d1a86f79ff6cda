import { CelError } from '../error.ts'
import type { Library } from '../library.ts'
import { makeMap } from '../run/map.ts'
import { BOOL, listOf, mapOf, objectType, STRING, type Type } from '../type.ts'
import type { CelMap, Opaque, Value } from '../value.ts'
import { scan } from './cost.ts'
import { define, global, member, NOMINAL } from './define.ts'
import { escapedPath, type GoUrl, parseRequestUri, parseUrl, queryValues, splitHost, urlText } from './go-url.ts'
import { fromBytes, toBytes } from './text.ts'

const URL_TYPE: Type = objectType('kubernetes.URL')

export class Url implements Opaque {
  readonly opaque = true
  readonly type: Type = URL_TYPE
  readonly url: GoUrl
  constructor(url: GoUrl) {
    this.url = url
  }
  /** Throws `CelError` for what is no URL. */
  equals(other: Value): boolean {
    if (!(other instanceof Url)) throw new CelError('no such overload')
    return urlText(other.url) === urlText(this.url)
  }
  toString(): string {
    return fromBytes(urlText(this.url))
  }
}

function urlOf(text: string): Url {
  const bytes = toBytes(text)
  const request = parseRequestUri(bytes)
  const url = 'error' in request ? request : parseUrl(bytes)
  if ('error' in url) throw new CelError(`URL parse error during conversion from string: ${fromBytes(url.error)}`)
  return new Url(url)
}

function query(url: GoUrl): CelMap {
  const entries: [string, readonly string[]][] = []
  for (const [key, values] of queryValues(url)) entries.push([fromBytes(key), values.map(fromBytes)])
  return makeMap(entries)
}

const accessor = (name: string, id: string, get: (url: GoUrl) => string) =>
  define(name, NOMINAL, [member(id, [URL_TYPE], STRING, (url) => fromBytes(get((url as Url).url)))])

/** k8s.io/apiserver pkg/cel/library/urls.go, over Go's net/url. */
export const URLS: readonly Library[] = [
  {
    name: 'kubernetes.urls',
    since: 0,
    functions: [
      define('url', scan, [global('string_to_url', [STRING], URL_TYPE, (text) => urlOf(text as string))]),
      {
        name: 'isURL',
        overloads: [
          global('is_url_string', [STRING], BOOL, (text) => !('error' in parseRequestUri(toBytes(text as string)))),
        ],
      },
      accessor('getScheme', 'url_get_scheme', (url) => url.scheme),
      accessor('getHost', 'url_get_host', (url) => url.host),
      accessor('getHostname', 'url_get_hostname', (url) => splitHost(url).name),
      accessor('getPort', 'url_get_port', (url) => splitHost(url).port),
      accessor('getEscapedPath', 'url_get_escaped_path', escapedPath),
      define('getQuery', NOMINAL, [
        member('url_get_query', [URL_TYPE], mapOf(STRING, listOf(STRING)), (url) => query((url as Url).url)),
      ]),
    ],
  },
]
