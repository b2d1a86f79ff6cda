import { countBlanks, MAX_TOKEN, portOf, secretOf } from './authority.ts'
import { isHostName } from './domains.ts'
import type { Found } from './found.ts'
import { isOracle } from './oracle.ts'
import { takesHosts } from './url.ts'

/** How drivers write a connection, where that is neither a URL nor a host behind its key. */

/** Keys of what opens the connection that stands on the same line. */
export const OPENS = /^(password|passwd|pwd|pass|AccountKey|AccessKey|SharedAccessKey|SharedAccessSignature)$/i

/** ADO.NET takes `Data Source` and `Server` for the same key. */
export function nameOf(key: string, previous: string): string {
  return /^source$/i.test(key) && /^data$/i.test(previous) ? 'Server' : key
}

const MEMBER = /^[\w.\uE000-]+(:[\d\uE000]+)?(:\w+)?([/?]|$)/

/**
 * `mongodb://u:p@a,b/db` is one URL of two hosts: where the token that begins at `start` ends, if commas do not part it.
 * `end` stands at the first of them.
 */
export function endOfHosts(line: string, start: number, end: number, isDelimiter: (char: string) => boolean): number {
  const first = line.slice(start, Math.min(end, start + MAX_TOKEN))
  if (!takesHosts(first) && !isOracle(first.slice(first.indexOf('=') + 1))) return end
  let isUserOver = first.includes('@')
  let last = end
  while (line[last] === ',') {
    let next = last + 1
    while (next < line.length && !isDelimiter(line[next] as string)) next++
    if (next - start > MAX_TOKEN) return last
    const segment = line.slice(last + 1, next)
    // Of a password with a comma in it.
    const isOfUser = !isUserOver && segment.includes('@') && !segment.includes('://')
    if (!isOfUser && !MEMBER.test(segment)) return last
    isUserOver ||= isOfUser
    last = next
  }
  return last
}

/** `host,1433`: SQL Server parts the port by a comma. */
export function portAfterComma(line: string, start: number, token: string): number | undefined {
  return line[start - 1] === ',' && /^\d{1,5}$/.test(token) ? portOf(token) : undefined
}

/** No user and password are longer, and no setting of an account. */
const MAX_USER = 512

/**
 * `user:password@tcp(host:port)/db`, as Go's MySQL driver has it: what opens the host in the brackets; undefined where no such
 * brackets begin. It is read from the last space, since a password may hold what parts tokens elsewhere. `blanks` counts
 * those up to `end`.
 */
export function bracketAt(
  line: string,
  space: number,
  end: number,
  names: readonly string[],
  blanks: number,
): { readonly userInfo: Found['userInfo'] } | undefined {
  if (line[end] !== '(') return undefined
  const text = line.slice(Math.max(space + 1, end - MAX_USER), end)
  const at = text.lastIndexOf('@')
  if (at < 0 || !/^\w{0,16}$/.test(text.slice(at + 1))) return undefined
  return { userInfo: secretOf(text.slice(0, at), names, blanks - countBlanks(text), false) }
}

/**
 * Storage of Azure names an account and not its hosts, which are one for each kind of data. The key opens all of them:
 * that of blobs stands for them (learn.microsoft.com/azure/storage/common/storage-configure-connection-string).
 */
export function storageHost(line: string): { readonly host: string; readonly scheme: string } | undefined {
  const account = setting(line, 'AccountName')
  if (account === undefined || setting(line, 'AccountKey') === undefined) return undefined
  const suffix = setting(line, 'EndpointSuffix')?.toLowerCase() ?? ''
  const domain = `blob.${isHostName(suffix) ? suffix : 'core.windows.net'}`
  const scheme = setting(line, 'DefaultEndpointsProtocol') === 'http' ? 'http' : 'https'
  return { host: /^[a-z0-9]{3,24}$/.test(account) ? `${account}.${domain}` : domain, scheme }
}

function setting(line: string, name: string): string | undefined {
  const at = line.indexOf(`${name}=`)
  if (at < 0) return undefined
  const value = line.slice(at + name.length + 1, at + name.length + MAX_USER)
  const end = value.search(/[;"'\s]/)
  return end < 0 ? value : value.slice(0, end)
}
