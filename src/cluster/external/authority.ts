import type { Found } from './found.ts'
import { BLANK } from './placeholders.ts'

/** A longer one is data. */
export const MAX_TOKEN = 4096

/** The part of a URL that names who is called: `user:password@host:port`. */

export function countBlanks(text: string): number {
  return text.split(BLANK).length - 1
}

export function secretOf(
  userInfo: string,
  names: readonly string[],
  blanks: number,
  isUserEnough: boolean,
): Found['userInfo'] {
  const colon = userInfo.indexOf(':')
  const password = colon < 0 ? '' : userInfo.slice(colon + 1)
  // `https://key:@host` has its token for a user.
  const user = isUserEnough ? userInfo.slice(0, colon < 0 ? undefined : colon) : ''
  const secret = password || user
  if (secret === '') return undefined
  if (!secret.includes(BLANK)) return 'literal'
  const variable = names[blanks + (password === '' ? 0 : countBlanks(userInfo.slice(0, colon)))]
  return variable ? { variable } : undefined
}

export function endOfAuthority(token: string, from: number): number {
  let end = from
  while (end < token.length && !'/?#\\'.includes(token[end] as string)) end++
  return end
}

export function splitPort(authority: string): { host: string; port: number | undefined } {
  const colon = authority.lastIndexOf(':')
  if (colon < 0) return { host: authority, port: undefined }
  const port = portOf(authority)
  const isBlank = authority.slice(colon + 1) === BLANK
  // `name:word` is neither a host nor a port: the half of a credential, an image, a label.
  return { host: port === undefined && !isBlank ? '' : authority.slice(0, colon), port }
}

export function portOf(authority: string): number | undefined {
  const digits = authority.slice(authority.lastIndexOf(':') + 1)
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  return port > 0 && port < 65_536 ? port : undefined
}

export function normal(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

export function trim(token: string): string {
  let from = 0
  let to = token.length
  while (from < to && '@=+*!&~^#:'.includes(token[from] as string)) from++
  while (to > from && '.,:!?=&~^*'.includes(token[to - 1] as string)) to--
  return token.slice(from, to)
}
