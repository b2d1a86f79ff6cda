import { countBlanks, endOfAuthority, normal, secretOf, splitPort, trim } from './authority.ts'
import { isHostName } from './domains.ts'
import type { Found } from './found.ts'
import { BLANK } from './placeholders.ts'
import { BUCKETS } from './well-known.ts'

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

export function readUrl(
  token: string,
  mark: number,
  key: string,
  found: Found[],
  names: readonly string[],
  blanks: number,
): void {
  const scheme = schemeBefore(token, mark)
  let from = mark + 3
  // gRPC names a target as dns:///host:port.
  if (token[from] === '/' && (scheme === 'dns' || scheme === 'passthrough')) from++
  if (LOCAL_SCHEMES.has(scheme)) return
  const parameter = passwordParameter(token, from)
  // Drivers take a password with slashes; there the last @ parts it from the host, so that no piece of it is shown.
  const first = isWeb(scheme) ? endOfAuthority(token, from) : (parameter?.query ?? token.length)
  const at = token.slice(from, first).lastIndexOf('@')
  const before = at < 0 ? '' : token.slice(from, from + at)
  const start = at < 0 ? from : from + at + 1
  const end = endOfAuthority(token, start)
  const blanksBefore = blanks + countBlanks(token.slice(0, from))
  const common = {
    key,
    scheme: scheme === '' ? undefined : scheme,
    userInfo: isSentry(before, token.slice(end), scheme)
      ? ('public' as const)
      : (secretOf(before, names, blanksBefore, isUserSecret(scheme)) ??
        (parameter &&
          secretOf(`:${parameter.value}`, names, blanks + countBlanks(token.slice(0, parameter.at)), false))),
    variables: [],
  }
  const bucket = BUCKETS.get(scheme)
  if (bucket !== undefined) {
    found.push({ ...common, host: bucket, port: undefined, by: 'url' })
    return
  }
  let blanksAtHost = blanksBefore + countBlanks(before)
  for (const member of token.slice(start, end).split(',')) {
    const { host, port } = splitPort(trim(member))
    if (host.includes(BLANK)) {
      readBlank(host, 'url', { ...common, port }, found, names, blanksAtHost)
    } else if (isHostName(normal(host)) && /[a-z.]/.test(host)) {
      found.push({ ...common, host: normal(host), port, by: 'url' })
    } else if (/^[A-Z][A-Z0-9_]*$/.test(host)) {
      found.push({ ...common, host: '', port, by: 'url', variables: [host] })
    }
    blanksAtHost += countBlanks(member)
  }
}

function schemeBefore(token: string, mark: number): string {
  return (/[A-Za-z][A-Za-z0-9+.-]{0,30}$/.exec(token.slice(0, mark))?.[0] ?? '').toLowerCase()
}

function isWeb(scheme: string): boolean {
  return /^(https?|git|svn)/.test(scheme)
}

/** Where a user without a password is a token. Over SSH it is only a name, that of `git` mostly. */
function isUserSecret(scheme: string): boolean {
  return scheme === 'nats' || (isWeb(scheme) && !scheme.endsWith('+ssh'))
}

/** Whether commas after this part more hosts of the same URL, as those of drivers do, and none of the web. */
export function takesHosts(token: string): boolean {
  const mark = token.indexOf('://')
  if (mark < 0 || isWeb(schemeBefore(token, mark))) return false
  return endOfAuthority(token, Math.max(mark + 3, token.lastIndexOf('@') + 1)) === token.length
}

/**
 * The key of a Sentry DSN may send events and read nothing: its documentation has it in web pages. One with a second
 * half, as it was before 2017, is a secret like any other.
 */
function isSentry(userInfo: string, path: string, scheme: string): boolean {
  if (!isWeb(scheme) || !/^[0-9a-f]{32,64}$/.test(userInfo)) return false
  return /^\d{1,20}$/.test(path.slice(path.lastIndexOf('/') + 1))
}

const PARAMETER = /[?&](password|passwd|pwd|token|access_token|api_?key|secret|client_secret|sig)=([^&#]+)/i

/** `jdbc:postgresql://host/db?user=u&password=p`: where its query begins, and what the password is. */
function passwordParameter(
  token: string,
  from: number,
): { readonly query: number; readonly at: number; readonly value: string } | undefined {
  const query = token.indexOf('?', from)
  const match = query < 0 ? null : PARAMETER.exec(token.slice(query))
  if (!match) return undefined
  const value = match[2] as string
  return { query, at: query + match.index + match[0].length - value.length, value }
}

/** A host that begins with placeholders may still end in a name that says where it is: `$HOSTNAME.mysql.prod.svc`. */
export function readBlank(
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
