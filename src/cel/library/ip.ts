import { CelError } from '../error.ts'
import type { Library } from '../library.ts'
import { TypeValue } from '../run/type-value.ts'
import { BOOL, INT, opaque, STRING, type Type, typeOf } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { rebuild, scan } from './cost.ts'
import { define, global, member, NOMINAL } from './define.ts'
import { type Address, addressText, isMapped, parseAddress } from './ip-address.ts'
import { goQuote } from './text.ts'

export const IP_TYPE: Type = opaque('net.IP')

/** An address of CEL: neither zoned nor IPv4 within IPv6. */
export class Ip implements Opaque {
  readonly opaque = true
  readonly type: Type = IP_TYPE
  readonly address: Address
  constructor(address: Address) {
    this.address = address
  }
  /** Throws `CelError` for what is no address. */
  equals(other: Value): boolean {
    if (!(other instanceof Ip)) throw new CelError('no such overload')
    return other.address.bits === this.address.bits && other.address.value === this.address.value
  }
  size(): number {
    return this.address.bits / 8
  }
  toString(): string {
    return addressText(this.address)
  }
}

function parse(text: string): Ip | string {
  const address = parseAddress(text)
  if (typeof address === 'string') {
    return `IP Address ${goQuote(text)} parse error during conversion from string: ${address}`
  }
  if (address.zone !== '') return `IP address ${goQuote(text)} with zone value is not allowed`
  if (isMapped(address)) return `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`
  return new Ip(address)
}

/** The address that a text says; throws `CelError`. */
export function ipOf(text: string): Ip {
  const address = parse(text)
  if (typeof address === 'string') throw new CelError(address)
  return address
}

/** Tells addresses of IPv4 and IPv6 apart by their leading bits: `[value, length]`. */
interface Blocks {
  readonly v4: readonly (readonly [value: bigint, length: number])[]
  readonly v6: readonly (readonly [value: bigint, length: number])[]
}

function within(address: Address, blocks: Blocks): boolean {
  const own = address.bits === 32 ? blocks.v4 : blocks.v6
  return own.some(([value, length]) => address.value >> BigInt(address.bits - length) === value)
}

const UNSPECIFIED: Blocks = { v4: [[0n, 32]], v6: [[0n, 128]] }
const LOOPBACK: Blocks = { v4: [[127n, 8]], v6: [[1n, 128]] }
const MULTICAST: Blocks = { v4: [[0xen, 4]], v6: [[0xffn, 8]] }
const LINK_LOCAL: Blocks = { v4: [[0xa9fen, 16]], v6: [[0xfe80n >> 6n, 10]] }
const BROADCAST: Blocks = { v4: [[0xffffffffn, 32]], v6: [] }

/** `ff02::/16`, whatever the four bits before the scope are: Go masks them. */
const isLinkLocalMulticast = (address: Address): boolean =>
  address.bits === 32 ? address.value >> 8n === 0xe00000n : ((address.value >> 112n) & 0xff0fn) === 0xff02n

const isGlobalUnicast = (address: Address): boolean =>
  ![UNSPECIFIED, LOOPBACK, MULTICAST, LINK_LOCAL, BROADCAST].some((blocks) => within(address, blocks))

const test = (name: string, id: string, holds: (address: Address) => boolean) =>
  define(name, NOMINAL, [member(id, [IP_TYPE], BOOL, (ip) => holds((ip as Ip).address))])

/** k8s.io/apiserver pkg/cel/library/ip.go, over Go's net/netip. */
export const IP: readonly Library[] = [
  {
    name: 'kubernetes.net.ip',
    since: 30,
    identifiers: [{ name: 'net.IP', type: typeOf(IP_TYPE), value: new TypeValue(IP_TYPE) }],
    functions: [
      define('ip', scan, [global('string_to_ip', [STRING], IP_TYPE, (text) => ipOf(text as string))]),
      define('isIP', scan, [global('is_ip', [STRING], BOOL, (text) => typeof parse(text as string) !== 'string')]),
      define('ip.isCanonical', rebuild, [
        global('ip_is_canonical', [STRING], BOOL, (text) => ipOf(text as string).toString() === text),
      ]),
      define('family', NOMINAL, [
        member('ip_family', [IP_TYPE], INT, (ip) => ((ip as Ip).address.bits === 32 ? 4 : 6)),
      ]),
      test('isUnspecified', 'ip_is_unspecified', (address) => within(address, UNSPECIFIED)),
      test('isLoopback', 'ip_is_loopback', (address) => within(address, LOOPBACK)),
      test('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
      test('isLinkLocalUnicast', 'ip_is_link_local_unicast', (address) => within(address, LINK_LOCAL)),
      test('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
      { name: 'string', overloads: [global('ip_to_string', [IP_TYPE], STRING, (ip) => (ip as Ip).toString())] },
    ],
  },
]
