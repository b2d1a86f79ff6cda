import { type Intervals, intersect, meet, subtract, unite } from './intervals.ts'

/** Sets of IP addresses, both families apart. */
export interface AddressSet {
  readonly v4: Intervals<bigint>
  readonly v6: Intervals<bigint>
}

export interface Cidr {
  readonly family: 'v4' | 'v6'
  readonly bits: number
  /** The network's first address, and the one after its last. */
  readonly first: bigint
  readonly end: bigint
  /** Why the API server of 1.36 refuses to store it although it can be read (StrictIPCIDRValidation). */
  readonly sloppy: string | undefined
}

interface Address {
  readonly family: 'v4' | 'v6'
  readonly value: bigint
  readonly sloppy: string | undefined
}

const LEADING_ZEROS = 'it has leading zeros'

function parseV4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,9}$/.test(part) && Number(part) <= 255)) return undefined
  const value = parts.reduce((sum, part) => sum * 256n + BigInt(Number(part)), 0n)
  return { family: 'v4', value, sloppy: parts.some((part) => /^0\d/.test(part)) ? LEADING_ZEROS : undefined }
}

function parseV6(text: string): Address | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail = dotted ? parseV4(dotted[2] as string) : undefined
  if (dotted && (!tail || tail.sloppy)) return undefined
  const words = tail ? `${dotted?.[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}` : text
  const halves = words.split('::')
  if (halves.length > 2) return undefined
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - rest.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array(missing).fill('0'), ...rest]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const value = groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
  if (value >> 32n !== 0xffffn) return { family: 'v6', value, sloppy: undefined }
  return { family: 'v4', value: value & 0xffffffffn, sloppy: 'it is an IPv4-mapped IPv6 address' }
}

function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

/** Equal for all ways to write one address; undefined for what is none. */
export function addressKey(text: string): string | undefined {
  const address = parseAddress(text)
  return address && `${address.family} ${address.value}`
}

/** As netutils.ParseCIDRSloppy reads it, which is what enforcers do. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash))
  const suffix = text.slice(slash + 1)
  if (!address || !/^\d{1,3}$/.test(suffix)) return undefined
  const mapped = address.family === 'v4' && text.slice(0, slash).includes(':')
  const width = address.family === 'v4' ? 32 : 128
  const bits = Number(suffix) - (mapped ? 96 : 0)
  if (bits < 0 || bits > width) return undefined
  const size = 1n << BigInt(width - bits)
  const first = (address.value / size) * size
  const sloppy =
    address.sloppy ??
    (/^0\d/.test(suffix)
      ? LEADING_ZEROS
      : first === address.value
        ? undefined
        : 'bits are set beyond the prefix length')
  return { family: address.family, bits, first, end: first + size, sloppy }
}

export const NO_ADDRESSES: AddressSet = { v4: [], v6: [] }
export const ALL_ADDRESSES: AddressSet = { v4: [0n, 1n << 32n], v6: [0n, 1n << 128n] }

/** The set of one address or CIDR; undefined when the text is neither. */
export function addressSet(text: string): AddressSet | undefined {
  const address = text.includes('/') ? undefined : parseAddress(text)
  const cidr = parseCidr(text)
  if (!address && !cidr) return undefined
  const bounds = cidr ? [cidr.first, cidr.end] : [(address as Address).value, (address as Address).value + 1n]
  return { ...NO_ADDRESSES, [((cidr ?? address) as Cidr | Address).family]: bounds }
}

export function addressesOf(texts: readonly string[]): AddressSet {
  return texts.reduce((sum, text) => uniteAddresses(sum, addressSet(text) ?? NO_ADDRESSES), NO_ADDRESSES)
}

export function uniteAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: unite(a.v4, b.v4), v6: unite(a.v6, b.v6) }
}

export function intersectAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: intersect(a.v4, b.v4), v6: intersect(a.v6, b.v6) }
}

export function subtractAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return { v4: subtract(a.v4, b.v4), v6: subtract(a.v6, b.v6) }
}

export function noAddresses(set: AddressSet): boolean {
  return set.v4.length === 0 && set.v6.length === 0
}

export function overlap(a: AddressSet, b: AddressSet): boolean {
  return meet(a.v4, b.v4) || meet(a.v6, b.v6)
}

export function holdsAll(outer: AddressSet, inner: AddressSet): boolean {
  return noAddresses(subtractAddresses(inner, outer))
}

/**
 * Addresses that no one on the internet can send from or be reached at (IANA special-purpose registries). Those for
 * documentation count as public, because that is what examples mean by them.
 */
const NOT_PUBLIC = addressesOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/16',
  '100::/64',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
])

/** Addresses inside a network of one's own (RFC 1918, 6598 and 4193). */
export const PRIVATE = addressesOf(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])

export const PUBLIC = subtractAddresses(ALL_ADDRESSES, NOT_PUBLIC)

const V4_HOSTS: AddressSet = { v4: uniteAddresses(PUBLIC, PRIVATE).v4, v6: [] }

/** Every address that a host can have, of IPv4 at least: `0.0.0.0/0`, less what no host has. */
export function isAnywhere(set: AddressSet): boolean {
  return holdsAll(set, V4_HOSTS)
}
