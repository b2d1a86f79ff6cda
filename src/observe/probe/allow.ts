import { field, isObject, type Json } from '../../cluster/json.ts'

/** A host that may be loaded, and what it must say to show that whoever runs it agrees. */
export interface Allowed {
  /** In lower case; a port where only that one may be loaded. */
  readonly host: string
  readonly port: number | undefined
  readonly token: string
}

/** Shorter ones can be guessed, or stand in any page by chance. */
const LEAST_TOKEN = 16
const MOST_HOSTS = 1_000

/** `{hosts: [{host, token}]}`; a text says what is wrong with it. */
export function decodeAllowed(file: Json): readonly Allowed[] | string {
  const hosts = isObject(file) ? field(file, 'hosts') : undefined
  if (!Array.isArray(hosts)) return 'expected `hosts:`, a list of `host:` and `token:`'
  if (hosts.length > MOST_HOSTS) return `more than ${MOST_HOSTS} hosts`
  const allowed: Allowed[] = []
  for (const [at, entry] of hosts.entries()) {
    const host = isObject(entry) ? field(entry, 'host') : undefined
    const token = isObject(entry) ? field(entry, 'token') : undefined
    if (!isObject(entry) || typeof host !== 'string' || typeof token !== 'string')
      return `hosts[${at}]: expected \`host:\` and \`token:\`, both texts`
    const unknown = Object.keys(entry).find((key) => key !== 'host' && key !== 'token')
    if (unknown !== undefined) return `hosts[${at}]: ${unknown} is not known`
    const parts = /^([^\s:/@*?#]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(host)
    if (!parts) return `hosts[${at}].host: expected one host, or HOST:PORT; no wildcard, no URL`
    if (token.length < LEAST_TOKEN || /\s/.test(token))
      return `hosts[${at}].token: expected at least ${LEAST_TOKEN} characters without spaces`
    allowed.push({
      host: hostName(parts[1] as string),
      port: parts[2] === undefined ? undefined : Number(parts[2]),
      token,
    })
  }
  return allowed
}

/** As hosts are compared: in lower case, without the dot that ends a full name, without the brackets of IPv6. */
export function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[|\]$/g, '')
}
