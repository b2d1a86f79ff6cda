import { CelError } from '../error.ts'
import type { FunctionDecl, Library, Minor } from '../library.ts'
import { sizeOf } from '../run/size.ts'
import { TypeValue } from '../run/type-value.ts'
import { BOOL, INT, opaque, STRING, type Type, typeOf } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { charged, STRING_FACTOR, scan } from './cost.ts'
import { define, global, member, NOMINAL } from './define.ts'
import { IP_TYPE, Ip, ipOf } from './ip.ts'
import { type Address, addressText, isMapped, parseAddress } from './ip-address.ts'
import { goQuote } from './text.ts'

export const CIDR_TYPE: Type = opaque('net.CIDR')

/** An address and how many of its leading bits name a network; the other bits may be set. */
export class Cidr implements Opaque {
  readonly opaque = true
  readonly type: Type = CIDR_TYPE
  readonly address: Address
  readonly length: number
  constructor(address: Address, length: number) {
    this.address = address
    this.length = length
  }
  /** Throws `CelError` for what is no CIDR. */
  equals(other: Value): boolean {
    if (!(other instanceof Cidr)) throw new CelError('no such overload')
    return same(this.address, other.address) && other.length === this.length
  }
  size(): number {
    return Math.ceil(this.length / 8)
  }
  toString(): string {
    return `${addressText(this.address)}/${this.length}`
  }
}

const same = (a: Address, b: Address): boolean => a.bits === b.bits && a.value === b.value

/** Go's netip.ParsePrefix with Kubernetes' refusal, or what it has against the text. */
function parse(text: string): Cidr | string {
  const prefix = parsePrefix(text)
  if (typeof prefix === 'string') {
    return `network address parse error during conversion from string: netip.ParsePrefix(${goQuote(text)}): ${prefix}`
  }
  return isMapped(prefix.address) ? `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed` : prefix
}

function parsePrefix(text: string): Cidr | string {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return "no '/'"
  const address = parseAddress(text.slice(0, slash))
  if (typeof address === 'string') return address
  if (address.zone !== '') return 'IPv6 zones cannot be present in a prefix'
  const bits = text.slice(slash + 1)
  if (!/^(?:[0-9]|[1-9][0-9]{1,18})$/.test(bits) || BigInt(bits) > 2n ** 63n - 1n)
    return `bad bits after slash: ${goQuote(bits)}`
  const length = Number(bits)
  if (length < 0 || length > address.bits) return 'prefix length out of range'
  return new Cidr(address, length)
}

/** The CIDR that a text says; throws `CelError`. */
function cidrOf(text: string): Cidr {
  const cidr = parse(text)
  if (typeof cidr === 'string') {
    throw new CelError(`network address parse error during conversion from string: ${cidr}`)
  }
  return cidr
}

/** The leading bits of an address. */
const leading = (address: Address, length: number): bigint => address.value >> BigInt(address.bits - length)

const contains = (cidr: Cidr, address: Address): boolean =>
  cidr.address.bits === address.bits && leading(cidr.address, cidr.length) === leading(address, cidr.length)

function masked({ address, length }: Cidr): Cidr {
  const rest = BigInt(address.bits - length)
  return new Cidr({ ...address, value: (address.value >> rest) << rest }, length)
}

/** An error of the text is swallowed: Kubernetes then says only that there is no such overload. */
function containsText(cidr: Cidr, text: string): boolean {
  let ip: Ip
  try {
    ip = ipOf(text)
  } catch {
    throw new CelError('no such overload')
  }
  return contains(cidr, ip.address)
}

type Within = (outer: Cidr, inner: Cidr) => boolean

const within: Within = (outer, inner) => contains(outer, inner.address) && outer.length <= inner.length

/** Up to 1.31 only what begins exactly where the outer network begins counted as contained. */
const beginsWith: Within = (outer, inner) => same(masked(outer).address, inner.address) && outer.length <= inner.length

const bytes = (value: Value | undefined): number => sizeOf(value as Value)

const ipCost = (parsed: boolean) =>
  charged(([cidr, other]) => {
    const base = Math.ceil((bytes(cidr) + bytes(cidr)) * STRING_FACTOR)
    return parsed ? base + Math.ceil(bytes(other) * STRING_FACTOR) : base
  })

const cidrCost = (parsed: boolean) =>
  charged(([cidr, other]) => {
    const size = bytes(cidr)
    const base = Math.ceil((size + size) * STRING_FACTOR) + Math.ceil(size * STRING_FACTOR) + 1
    return parsed ? base + Math.ceil(bytes(other) * STRING_FACTOR) : base
  })

function functions(isWithin: Within): readonly FunctionDecl[] {
  const text = [CIDR_TYPE, STRING]
  return [
    define('cidr', scan, [global('string_to_cidr', [STRING], CIDR_TYPE, (raw) => cidrOf(raw as string))]),
    define('isCIDR', scan, [global('is_cidr', [STRING], BOOL, (raw) => typeof parse(raw as string) !== 'string')]),
    {
      name: 'containsIP',
      ambiguousCost: ipCost(false),
      overloads: [
        {
          ...member('cidr_contains_ip_string', text, BOOL, (cidr, ip) => containsText(cidr as Cidr, ip as string)),
          cost: ipCost(true),
        },
        {
          ...member('cidr_contains_ip_ip', [CIDR_TYPE, IP_TYPE], BOOL, (cidr, ip) =>
            contains(cidr as Cidr, (ip as Ip).address),
          ),
          cost: ipCost(false),
        },
      ],
    },
    {
      name: 'containsCIDR',
      ambiguousCost: cidrCost(false),
      overloads: [
        {
          ...member('cidr_contains_cidr_string', text, BOOL, (cidr, raw) =>
            isWithin(cidr as Cidr, cidrOf(raw as string)),
          ),
          cost: cidrCost(true),
        },
        {
          ...member('cidr_contains_cidr', [CIDR_TYPE, CIDR_TYPE], BOOL, (cidr, inner) =>
            isWithin(cidr as Cidr, inner as Cidr),
          ),
          cost: cidrCost(false),
        },
      ],
    },
    {
      name: 'ip',
      ambiguousCost: scan,
      overloads: [member('cidr_ip', [CIDR_TYPE], IP_TYPE, (cidr) => new Ip((cidr as Cidr).address))],
    },
    define('prefixLength', NOMINAL, [member('cidr_prefix_length', [CIDR_TYPE], INT, (cidr) => (cidr as Cidr).length)]),
    define('masked', NOMINAL, [member('cidr_masked', [CIDR_TYPE], CIDR_TYPE, (cidr) => masked(cidr as Cidr))]),
    { name: 'string', overloads: [global('cidr_to_string', [CIDR_TYPE], STRING, (cidr) => (cidr as Cidr).toString())] },
  ]
}

const NAME = 'kubernetes.net.cidr'
const identifiers = [{ name: 'net.CIDR', type: typeOf(CIDR_TYPE), value: new TypeValue(CIDR_TYPE) }]

/** k8s.io/apiserver pkg/cel/library/cidr.go, over Go's net/netip. */
export function cidr(minor: Minor): readonly Library[] {
  return [{ name: NAME, since: 30, identifiers, functions: functions(minor < 32 ? beginsWith : within) }]
}
