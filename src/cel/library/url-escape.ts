import { goQuoteBytes } from './text.ts'

/** The parts of a URL, each with the characters that may stand in it as they are (Go net/url, encoding). */
export type Part = 'path' | 'host' | 'zone' | 'userinfo' | 'query' | 'fragment'

const ALWAYS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'
const IN_HOST = `${ALWAYS}!"$&'()*+,:;<=>[]`

const PLAIN: Readonly<Record<Part, ReadonlySet<string>>> = {
  path: new Set(`${ALWAYS}$&+,/:;=@`),
  host: new Set(IN_HOST),
  zone: new Set(IN_HOST),
  userinfo: new Set(`${ALWAYS}$&+,;=`),
  query: new Set(ALWAYS),
  fragment: new Set(`${ALWAYS}$&+,/:;=?@!()*`),
}

export const mustEscape = (byte: string, part: Part): boolean => !PLAIN[part].has(byte)

/** A failure of net/url, in its words. */
export interface UrlError {
  readonly error: string
}

/** Bytes with `%XX` for those that may not stand there. */
export function percentEncode(bytes: string, part: Part): string {
  let out = ''
  for (const byte of bytes) {
    out += mustEscape(byte, part) ? `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}` : byte
  }
  return out
}

const HEX = /^%[0-9a-fA-F]{2}$/

const badEscape = (escaped: string): UrlError => ({ error: `invalid URL escape ${goQuoteBytes(escaped)}` })

/** The bytes that an escaped text stands for; in a query `+` is a space. */
export function percentDecode(bytes: string, part: Part): string | UrlError {
  let out = ''
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i] as string
    if (byte === '%') {
      const escaped = bytes.slice(i, i + 3)
      if (!HEX.test(escaped) || !allowed(escaped, part)) return badEscape(escaped)
      out += String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
      i += 3
    } else {
      if ((part === 'host' || part === 'zone') && byte < '\x80' && mustEscape(byte, part)) {
        return { error: `invalid character ${goQuoteBytes(byte)} in host name` }
      }
      out += byte === '+' && part === 'query' ? ' ' : byte
      i++
    }
  }
  return out
}

/** In a host only bytes beyond ASCII may be escaped, in a zone what a host may hold as well. */
function allowed(escaped: string, part: Part): boolean {
  if (escaped === '%25') return true
  const value = Number.parseInt(escaped.slice(1), 16)
  if (part === 'host') return value >= 0x80
  if (part !== 'zone') return true
  return value === 0x20 || !mustEscape(String.fromCharCode(value), 'host')
}
