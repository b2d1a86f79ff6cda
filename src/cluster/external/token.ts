import { countBlanks, endOfAuthority, normal, portOf, secretOf, splitPort, trim } from './authority.ts'
import { isHostName } from './domains.ts'
import type { Found } from './found.ts'
import { hostStem, isPeerKey } from './key-name.ts'
import { BLANK } from './placeholders.ts'
import { BUCKETS } from './well-known.ts'

const MAX_TOKEN = 4096

/** Files, sockets, names that are no hosts, and data. */
const LOCAL_SCHEMES: ReadonlySet<string> = new Set([
  'file',
  'unix',
  'npipe',
  'fd',
  'data',
  'spiffe',
  'ko',
  'urn',
  'mailto',
  'about',
  'chrome',
  'classpath',
  'vault',
  'ssm',
  'secretsmanager',
  'awssm',
  'env',
  'hdfs',
  'wasb',
  'wasbs',
  'abfs',
  'abfss',
  'azblob',
  'mem',
  'inmemory',
  'docker-image',
  'docker-archive',
  'pkg',
  'tag',
  'jar',
  'local',
  'k8s',
  'kubernetes',
  'dir',
  'bolt-file',
  'sqlite',
  'sqlite3',
  'git+file',
])

export function readToken(token: string, key: string, found: Found[], names: readonly string[], blanks: number): void {
  if (token.length > MAX_TOKEN) return
  const mark = token.indexOf('://')
  if (mark >= 0) {
    if (isPeerKey(key)) readUrl(token, mark, key, found, names, blanks)
    return
  }
  // SQL Server names the protocol before the host.
  const text = trim(token).replace(/^(tcp|np|lpc):/, '')
  if (text === '' || !isPeerKey(key)) return
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
  if (port !== undefined && isHostName(host.toLowerCase()) && /[a-z.]/.test(host)) {
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

function readUrl(
  token: string,
  mark: number,
  key: string,
  found: Found[],
  names: readonly string[],
  blanks: number,
): void {
  const scheme = (/[A-Za-z][A-Za-z0-9+.-]{0,30}$/.exec(token.slice(0, mark))?.[0] ?? '').toLowerCase()
  let from = mark + 3
  // gRPC names a target as dns:///host:port.
  if (token[from] === '/' && (scheme === 'dns' || scheme === 'passthrough')) from++
  if (LOCAL_SCHEMES.has(scheme)) return
  const isWeb = /^(https?|git|svn)/.test(scheme)
  // Drivers take a password with slashes; there the last @ parts it from the host, so that no piece of it is shown.
  const first = isWeb ? endOfAuthority(token, from) : token.length
  const at = token.slice(from, first).lastIndexOf('@')
  const before = at < 0 ? '' : token.slice(from, from + at)
  const start = at < 0 ? from : from + at + 1
  const authority = trim(token.slice(start, endOfAuthority(token, start)))
  const { host, port } = splitPort(authority)
  const blanksBefore = blanks + countBlanks(token.slice(0, from))
  const userInfo = at < 0 ? undefined : secretOf(before, names, blanksBefore, isWeb)
  const common = { key, scheme: scheme === '' ? undefined : scheme, userInfo, variables: [] }
  const bucket = BUCKETS.get(scheme)
  if (bucket !== undefined) {
    found.push({ ...common, host: bucket, port: undefined, by: 'url' })
  } else if (host.includes(BLANK)) {
    readBlank(host, 'url', { ...common, port }, found, names, blanksBefore + countBlanks(before))
  } else if (isHostName(host.toLowerCase()) && /[a-z.]/.test(host)) {
    found.push({ ...common, host: normal(host), port, by: 'url' })
  } else if (/^[A-Z][A-Z0-9_]*$/.test(host)) {
    found.push({ ...common, host: '', port, by: 'url', variables: [host] })
  }
}

/** A host that begins with placeholders may still end in a name that says where it is: `$HOSTNAME.mysql.prod.svc`. */
function readBlank(
  host: string,
  by: Found['by'],
  common: Omit<Found, 'host' | 'by'>,
  found: Found[],
  names: readonly string[],
  blanks: number,
): void {
  const variables = names.slice(blanks, blanks + countBlanks(host)).filter((name) => name !== '')
  const rest = host.slice(host.lastIndexOf(BLANK) + 1)
  const known = rest.startsWith('.') && rest.split('.').length > 2 ? normal(splitPort(rest.slice(1)).host) : ''
  found.push({ ...common, host: isHostName(known) ? known : '', by, variables })
}
