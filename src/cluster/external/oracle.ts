import { countBlanks, portOf, secretOf } from './authority.ts'
import { isHostName } from './domains.ts'
import type { Found } from './found.ts'
import { BLANK } from './placeholders.ts'
import { readBlank } from './url.ts'

const PREFIX = /^jdbc:oracle:[a-z0-9]{1,8}:/i

export function isOracle(token: string): boolean {
  if (PREFIX.test(token)) return true
  const slash = token.indexOf('/')
  return slash > 0 && slash < token.indexOf('@//') && !token.includes('://')
}

/**
 * `user/password@//host:port/service`, which JDBC may write without the slashes, and with `:SID` in place of the service.
 * A word alone is an alias of a file that the input does not have.
 */
export function readOracle(token: string, key: string, found: Found[], names: readonly string[], blanks: number): void {
  const at = token.lastIndexOf('@')
  if (at < 0) return
  const before = token.slice(PREFIX.exec(token)?.[0].length ?? 0, at)
  const written = token.slice(at + 1)
  const rest = written.replace(/^([a-z]{1,8}:)?\/\//i, '')
  const end = rest.search(/[/?]/)
  const common = {
    key,
    scheme: 'oracle',
    userInfo: secretOf(before.replace('/', ':'), names, blanks, false),
    variables: [],
  }
  let blanksAtHost = blanks + countBlanks(before)
  for (const member of (end < 0 ? rest : rest.slice(0, end)).split(',')) {
    const [host = '', digits = ''] = member.split(':')
    const port = portOf(digits)
    const isNamed = port !== undefined || rest !== written || rest[end] === '/'
    if (host.includes(BLANK)) readBlank(host, 'url', { ...common, port }, found, names, blanksAtHost)
    else if (isNamed && isHostName(host.toLowerCase()))
      found.push({ ...common, host: host.toLowerCase(), port, by: 'url' })
    blanksAtHost += countBlanks(member)
  }
}
