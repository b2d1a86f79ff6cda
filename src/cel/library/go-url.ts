import { isMapped, parseAddress } from './ip-address.ts'
import { goQuoteBytes } from './text.ts'
import { mustEscape, percentDecode, percentEncode, type UrlError } from './url-escape.ts'

/** A URL in the parts that Go's net/url keeps; all of them bytes, as code units 0 to 255. */
export interface GoUrl {
  readonly scheme: string
  /** What follows the scheme where it is no path: `mailto:x`. */
  readonly opaque: string
  readonly user?: { readonly name: string; readonly password?: string }
  /** `host:port`, unescaped. */
  readonly host: string
  readonly path: string
  /** The path as written, where its plain encoding would read differently. */
  readonly rawPath: string
  readonly query: string
  /** A `?` with nothing behind it. */
  readonly emptyQuery: boolean
  /** A scheme, and then a path without `//`. */
  readonly omitHost: boolean
  readonly fragment: string
  readonly rawFragment: string
}

const NOTHING: GoUrl = {
  scheme: '',
  opaque: '',
  host: '',
  path: '',
  rawPath: '',
  query: '',
  emptyQuery: false,
  omitHost: false,
  fragment: '',
  rawFragment: '',
}

const failed = (value: string | UrlError): value is UrlError => typeof value !== 'string'

const parseError = (bytes: string, { error }: UrlError): UrlError => ({
  error: `parse ${goQuoteBytes(bytes)}: ${error}`,
})

/** Go's url.ParseRequestURI: absolute or an absolute path; a `#` is no fragment's beginning. */
export function parseRequestUri(bytes: string): GoUrl | UrlError {
  const url = parse(bytes, true)
  return 'error' in url ? parseError(bytes, url) : url
}

/** Go's url.Parse. */
export function parseUrl(bytes: string): GoUrl | UrlError {
  const [before, fragment] = cut(bytes, '#')
  const url = parse(before, false)
  if ('error' in url) return parseError(before, url)
  if (fragment === '') return url
  const plain = percentDecode(fragment, 'fragment')
  if (failed(plain)) return parseError(bytes, plain)
  return { ...url, fragment: plain, rawFragment: percentEncode(plain, 'fragment') === fragment ? '' : fragment }
}

function cut(bytes: string, separator: string): readonly [before: string, after: string] {
  const at = bytes.indexOf(separator)
  return at < 0 ? [bytes, ''] : [bytes.slice(0, at), bytes.slice(at + 1)]
}

const CONTROL = /[\x00-\x1f\x7f]/

function parse(bytes: string, viaRequest: boolean): GoUrl | UrlError {
  if (CONTROL.test(bytes)) return { error: 'net/url: invalid control character in URL' }
  if (bytes === '' && viaRequest) return { error: 'empty url' }
  if (bytes === '*') return { ...NOTHING, path: '*' }
  if (bytes.startsWith(':')) return { error: 'missing protocol scheme' }
  const written = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(bytes)?.[1] ?? ''
  const scheme = written.toLowerCase()
  const [beforeQuery, query] = cut(written === '' ? bytes : bytes.slice(written.length + 1), '?')
  const emptyQuery = query === '' && bytes.endsWith('?')
  const url = { ...NOTHING, scheme, query, emptyQuery }
  if (!beforeQuery.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: beforeQuery }
    if (viaRequest) return { error: 'invalid URI for request' }
    if (cut(beforeQuery, '/')[0].includes(':')) return { error: 'first path segment in URL cannot contain colon' }
  }
  return withAuthority(url, beforeQuery, scheme !== '' || (!viaRequest && !beforeQuery.startsWith('///')))
}

function withAuthority(url: GoUrl, rest: string, mayHave: boolean): GoUrl | UrlError {
  if (!mayHave || !rest.startsWith('//')) {
    return withPath({ ...url, omitHost: url.scheme !== '' && rest.startsWith('/') }, rest)
  }
  const slash = rest.indexOf('/', 2)
  const authority = rest.slice(2, slash < 0 ? undefined : slash)
  const at = authority.lastIndexOf('@')
  const host = parseHost(url.scheme, authority.slice(at + 1))
  if (failed(host)) return host
  const user = at < 0 ? undefined : parseUser(authority.slice(0, at))
  if (user !== undefined && 'error' in user) return user
  return withPath(user === undefined ? { ...url, host } : { ...url, host, user }, slash < 0 ? '' : rest.slice(slash))
}

function withPath(url: GoUrl, rawPath: string): GoUrl | UrlError {
  const path = percentDecode(rawPath, 'path')
  if (failed(path)) return path
  return { ...url, path, rawPath: percentEncode(path, 'path') === rawPath ? '' : rawPath }
}

function parseUser(text: string): NonNullable<GoUrl['user']> | UrlError {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) return { error: 'net/url: invalid userinfo' }
  const [before, after] = cut(text, ':')
  const name = percentDecode(before, 'userinfo')
  if (failed(name)) return name
  if (!text.includes(':')) return { name }
  const password = percentDecode(after, 'userinfo')
  return failed(password) ? password : { name, password }
}

const isPort = (text: string): boolean => /^(?::[0-9]*)?$/.test(text)

const badPort = (port: string): UrlError => ({ error: `invalid port ${goQuoteBytes(port)} after host` })

function parseHost(scheme: string, host: string): string | UrlError {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) return { error: 'invalid IP-literal' }
  if (bracket === 0) return parseLiteral(host)
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':')
  if (colon >= 0 && !isPort(host.slice(colon))) return badPort(host.slice(colon))
  return percentDecode(host, 'host')
}

/** `[2001:db8::1%25zone]:port`. */
function parseLiteral(host: string): string | UrlError {
  const close = host.lastIndexOf(']')
  if (close < 0) return { error: "missing ']' in host" }
  const port = host.slice(close + 1)
  if (!isPort(port)) return badPort(port)
  const inside = host.slice(1, close)
  const zone = inside.indexOf('%25')
  const name = percentDecode(zone < 0 ? inside : inside.slice(0, zone), 'host')
  if (failed(name)) return name
  const zoneName = percentDecode(zone < 0 ? '' : inside.slice(zone), 'zone')
  if (failed(zoneName)) return zoneName
  const address = parseAddress(name + zoneName)
  if (typeof address === 'string') return { error: `invalid host: ${address}` }
  if (address.bits === 32 && !isMapped(address)) return { error: 'invalid IP-literal' }
  return `[${name}${zoneName}]${port}`
}

const SUBDELIMITERS = "!$&'()*+,;=:@[]%"

/** Go's URL.EscapedPath: the path as written where that is a valid encoding of it. */
export function escapedPath({ path, rawPath }: GoUrl): string {
  if (rawPath !== '' && isEncoded(rawPath, 'path') && percentDecode(rawPath, 'path') === path) return rawPath
  return path === '*' ? '*' : percentEncode(path, 'path')
}

function isEncoded(bytes: string, part: 'path' | 'fragment'): boolean {
  for (const byte of bytes) if (!SUBDELIMITERS.includes(byte) && mustEscape(byte, part)) return false
  return true
}

function escapedFragment({ fragment, rawFragment }: GoUrl): string {
  if (rawFragment !== '' && isEncoded(rawFragment, 'fragment') && percentDecode(rawFragment, 'fragment') === fragment)
    return rawFragment
  return percentEncode(fragment, 'fragment')
}

/** Go's URL.Hostname and URL.Port. */
export function splitHost({ host }: GoUrl): { readonly name: string; readonly port: string } {
  const colon = host.lastIndexOf(':')
  const hasPort = colon >= 0 && isPort(host.slice(colon))
  const name = hasPort ? host.slice(0, colon) : host
  const bare = name.startsWith('[') && name.endsWith(']') && name.length > 1 ? name.slice(1, -1) : name
  return { name: bare, port: hasPort ? host.slice(colon + 1) : '' }
}

/** Go's URL.String. */
export function urlText(url: GoUrl): string {
  let out = url.scheme === '' ? '' : `${url.scheme}:`
  if (url.opaque !== '') out += url.opaque
  else out = withHostAndPath(url, out)
  if (url.emptyQuery || url.query !== '') out += `?${url.query}`
  return url.fragment === '' ? out : `${out}#${escapedFragment(url)}`
}

function withHostAndPath(url: GoUrl, scheme: string): string {
  const hidden = url.omitHost && url.host === '' && url.user === undefined
  const some = url.scheme !== '' || url.host !== '' || url.user !== undefined
  let out = scheme
  if (some && !hidden) {
    if (url.host !== '' || url.path !== '' || url.user !== undefined) out += '//'
    if (url.user !== undefined) out += `${userText(url.user)}@`
    out += percentEncode(url.host, 'host')
  }
  const path = escapedPath(url)
  if (path !== '' && !path.startsWith('/') && url.host !== '') out += '/'
  if (out === '' && cut(path, '/')[0].includes(':')) out += './'
  return out + path
}

function userText({ name, password }: NonNullable<GoUrl['user']>): string {
  const user = percentEncode(name, 'userinfo')
  return password === undefined ? user : `${user}:${percentEncode(password, 'userinfo')}`
}

const MOST_PARAMETERS = 10_000

/** Go's URL.Query: the values of each parameter in the order of the text; what cannot be read is left out. */
export function queryValues({ query }: GoUrl): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  const parameters = query.split('&')
  if (parameters.length > MOST_PARAMETERS) return values
  for (const parameter of parameters) {
    if (parameter === '' || parameter.includes(';')) continue
    const [before, after] = cut(parameter, '=')
    const key = percentDecode(before, 'query')
    const value = percentDecode(after, 'query')
    if (failed(key) || failed(value)) continue
    const known = values.get(key)
    if (known === undefined) values.set(key, [value])
    else known.push(value)
  }
  return values
}
