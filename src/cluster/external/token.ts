import { countBlanks, MAX_TOKEN, normal, portOf, secretOf, splitPort, trim } from './authority.ts'
import { isHostName } from './domains.ts'
import type { Found } from './found.ts'
import { hostStem, isPasswordKey, isPeerKey } from './key-name.ts'
import { isOracle, readOracle } from './oracle.ts'
import { BLANK } from './placeholders.ts'
import { readBlank, readUrl } from './url.ts'

export function readToken(token: string, key: string, found: Found[], names: readonly string[], blanks: number): void {
  if (token.length > MAX_TOKEN) return
  if (isOracle(token)) {
    if (isPeerKey(key)) readOracle(token, key, found, names, blanks)
    return
  }
  const mark = token.indexOf('://')
  if (mark >= 0) {
    if (isPeerKey(key)) readUrl(token, mark, key, found, names, blanks)
    return
  }
  // SQL Server names the protocol before the host.
  const text = trim(token).replace(/^(tcp|np|lpc):/, '')
  // `DB_PASSWORD=word.io:443` is a password, whatever it looks like.
  if (text === '' || !isPeerKey(key) || isPasswordKey(key)) return
  const at = text.lastIndexOf('@')
  const before = at < 0 ? '' : text.slice(0, at)
  const rest = at < 0 ? text : text.slice(at + 1)
  const blanksAtHost = blanks + countBlanks(before)
  const slash = rest.indexOf('/')
  const authority = slash < 0 ? rest : rest.slice(0, slash)
  const { host, port } = splitPort(authority)
  const common = {
    key,
    scheme: undefined,
    userInfo: at < 0 ? undefined : secretOf(before, names, blanks, false),
    variables: [],
  }
  if (port !== undefined && isHostName(normal(host)) && /[a-z.]/.test(host)) {
    found.push({ ...common, host: normal(host), port, by: 'port' })
    return
  }
  if (at > 0) {
    // `git@github.com:team/repository`, as scp has it; any other `@` is a mail address or no host at all.
    const colon = rest.indexOf(':')
    const remote = colon < 0 ? '' : rest.slice(0, colon)
    if (
      colon > 0 &&
      remote.includes('.') &&
      isHostName(remote.toLowerCase()) &&
      /^[\w.-]+$/.test(before) &&
      /^[\w~]/.test(rest.slice(colon + 1))
    ) {
      found.push({ ...common, host: normal(remote), port: undefined, scheme: 'ssh', by: 'url', userInfo: undefined })
    }
    return
  }
  // An API group and version, or an image.
  const isOther = authority.endsWith('.k8s.io') || (slash >= 0 && rest.includes(':', slash))
  if (isOther || hostStem(key) === undefined) return
  if (authority.includes(BLANK))
    readBlank(authority, 'key', { ...common, port: portOf(authority) }, found, names, blanksAtHost)
  else if (isHostName(authority)) found.push({ ...common, host: normal(authority), port: undefined, by: 'key' })
}
