import { goQuote } from './text.ts'

/** An address without a zone: 32 or 128 bits. */
export interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
  readonly zone: string
}

/** Go's netip.ParseAddr, or its error. Strict: no leading zeros, four numbers, every group there or `::`. */
export function parseAddress(text: string): Address | string {
  for (const character of text) {
    if (character === '.') return parseV4(text)
    if (character === ':') return parseV6(text)
    if (character === '%') return failure(text, 'missing IPv6 address')
  }
  return failure(text, 'unable to parse IP')
}

function failure(text: string, problem: string, at = ''): string {
  return `ParseAddr(${goQuote(text)}): ${problem}${at === '' ? '' : ` (at ${goQuote(at)})`}`
}

function parseV4(text: string): Address | string {
  const value = v4Fields(text, text)
  return typeof value === 'string' ? value : { bits: 32, value, zone: '' }
}

/** The four numbers of `part`, which stands in `text`. */
function v4Fields(text: string, part: string): bigint | string {
  let value = 0n
  let field = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < part.length; i++) {
    const character = part[i] as string
    if (character >= '0' && character <= '9') {
      if (digits === 1 && field === 0) return failure(text, 'IPv4 field has octet with leading zero')
      field = field * 10 + Number(character)
      digits++
      if (field > 255) return failure(text, 'IPv4 field has value >255')
    } else if (character === '.') {
      if (i === 0 || i === part.length - 1 || part[i - 1] === '.') {
        return failure(text, 'IPv4 field must have at least one digit', part.slice(i))
      }
      if (dots === 3) return failure(text, 'IPv4 address too long')
      value = value * 256n + BigInt(field)
      dots++
      field = 0
      digits = 0
    } else return failure(text, 'unexpected character', part.slice(i))
  }
  if (dots < 3) return failure(text, 'IPv4 address too short')
  return value * 256n + BigInt(field)
}

function parseV6(text: string): Address | string {
  const percent = text.indexOf('%')
  const zone = percent < 0 ? '' : text.slice(percent + 1)
  if (percent >= 0 && zone === '') return failure(text, 'zone must be a non-empty string')
  const groups = v6Groups(text, percent < 0 ? text : text.slice(0, percent))
  if (typeof groups === 'string') return groups
  return { bits: 128, value: groups.reduce((value, group) => value * 65536n + BigInt(group), 0n), zone }
}

/** The eight groups of an address without its zone. */
function v6Groups(text: string, address: string): readonly number[] | string {
  const groups: number[] = []
  let ellipsis = -1
  let rest = address
  if (rest.startsWith('::')) {
    ellipsis = 0
    rest = rest.slice(2)
    if (rest === '') return new Array(8).fill(0)
  }
  while (groups.length < 8) {
    const digits = (/^[0-9a-fA-F]*/.exec(rest.slice(0, 6)) as RegExpExecArray)[0]
    if (digits.length > 4) return failure(text, 'each group must have 4 or less digits', rest)
    if (digits === '') return failure(text, 'each colon-separated field must have at least one digit', rest)
    if (rest[digits.length] === '.') {
      const v4 = embedded(text, rest, groups.length, ellipsis)
      if (typeof v4 === 'string') return v4
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
      rest = ''
      break
    }
    groups.push(Number.parseInt(digits, 16))
    rest = rest.slice(digits.length)
    if (rest === '') break
    if (rest[0] !== ':') return failure(text, 'unexpected character, want colon', rest)
    if (rest.length === 1) return failure(text, 'colon must be followed by more characters', rest)
    rest = rest.slice(1)
    if (rest[0] === ':') {
      if (ellipsis >= 0) return failure(text, 'multiple :: in address', rest)
      ellipsis = groups.length
      rest = rest.slice(1)
      if (rest === '') break
    }
  }
  if (rest !== '') return failure(text, 'trailing garbage after address', rest)
  return expanded(text, groups, ellipsis)
}

function embedded(text: string, rest: string, groups: number, ellipsis: number): bigint | string {
  if (ellipsis < 0 && groups !== 6) {
    return failure(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest)
  }
  if (groups + 2 > 8)
    return failure(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest)
  return v4Fields(text, rest)
}

function expanded(text: string, groups: readonly number[], ellipsis: number): readonly number[] | string {
  const missing = 8 - groups.length
  if (missing === 0) return ellipsis < 0 ? groups : failure(text, 'the :: must expand to at least one field of zeros')
  if (ellipsis < 0) return failure(text, 'address string too short')
  return [...groups.slice(0, ellipsis), ...new Array<number>(missing).fill(0), ...groups.slice(ellipsis)]
}

/** `192.0.2.1`, `2001:db8::1`: RFC 5952, as Go writes it. */
export function addressText({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  if (isMapped({ bits, value, zone: '' }))
    return `::ffff:${addressText({ bits: 32, value: value & 0xffffffffn, zone: '' })}`
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  const { start, length } = longestZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  return best
}

/** An IPv4 address in IPv6's clothes: `::ffff:192.0.2.1`. */
export const isMapped = ({ bits, value }: Address): boolean => bits === 128 && value >> 32n === 0xffffn
