interface Block {
  readonly bits: 32 | 128
  readonly base: bigint
  readonly length: number
}

/** An IPv4 or IPv6 address, or a range of them in CIDR notation; undefined for anything else. */
export function parseBlock(text: string): Block | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const bits = address.includes(':') ? 128 : 32
  const base = bits === 128 ? parse6(address) : parse4(address)
  const written = slash < 0 ? String(bits) : text.slice(slash + 1)
  const length = /^\d{1,3}$/.test(written) ? Number(written) : Number.NaN
  return base === undefined || !(length <= bits) ? undefined : { bits, base, length }
}

/** Whether a block holds all addresses of another. */
export function holds(outer: Block, inner: Block): boolean {
  if (outer.bits !== inner.bits || outer.length > inner.length) return false
  const rest = BigInt(outer.bits - outer.length)
  return outer.base >> rest === inner.base >> rest
}

function parse4(text: string): bigint | undefined {
  const parts = text.split('.', 5)
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

function parse6(text: string): bigint | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groups)))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...new Array<string>(missing).fill('0'), ...tail]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

/** The last group of an IPv6 address may be an IPv4 address, which is two groups. */
function groups(part: string): readonly string[] {
  if (!part.includes('.')) return [part]
  const value = parse4(part)
  return value === undefined ? ['not an address'] : [(value >> 16n).toString(16), (value & 0xffffn).toString(16)]
}
