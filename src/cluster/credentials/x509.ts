/** What the API server looks at in a client certificate (RFC 5280), without a check of its signature. */
export interface Certificate {
  /** The last common name and all organizations, in order: as Go fills pkix.Name. */
  readonly user: string
  readonly groups: readonly string[]
  /** DER of the names, in hexadecimal, to compare them. */
  readonly subject: string
  readonly issuer: string
  /** Key identifiers in hexadecimal. */
  readonly own: string | undefined
  readonly signer: string | undefined
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  /** Whether its extended key usage is for clients; true where it has none. */
  readonly isForClients: boolean
}

interface Node {
  readonly tag: number
  readonly bytes: Uint8Array
}

const SEQUENCE = 0x30
const MOST_PARTS = 2_000
const CN = '550403'
const O = '55040a'
const OWN_KEY = '551d0e'
const SIGNER_KEY = '551d23'
const KEY_USAGE = '551d25'
const CLIENT_USES: ReadonlySet<string> = new Set(['2b06010505070302', '551d2500'])

/** The first certificate of a PEM text, which is the client's of a chain; undefined for what is none. */
export function certificateOf(pem: string): Certificate | undefined {
  return certificatesOf(pem, 1)[0]
}

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

export function certificatesOf(pem: string, most = 100): readonly Certificate[] {
  const found: Certificate[] = []
  let from = pem.indexOf(BEGIN)
  while (from >= 0 && found.length < most) {
    const to = pem.indexOf(END, from)
    if (to < 0) break
    const body = pem.slice(from + BEGIN.length, to)
    const certificate = body.length > 64 * 1024 ? undefined : decode(Buffer.from(body, 'base64'))
    if (certificate) found.push(certificate)
    from = pem.indexOf(BEGIN, to)
  }
  return found
}

function decode(der: Uint8Array): Certificate | undefined {
  const whole = partsOf(der)[0]
  const signed = whole?.tag === SEQUENCE ? partsOf(whole.bytes)[0] : undefined
  const parts = signed?.tag === SEQUENCE ? partsOf(signed.bytes) : []
  const at = parts[0]?.tag === 0xa0 ? 1 : 0
  const [issuer, validity, subject] = [parts[at + 2], parts[at + 3], parts[at + 4]]
  const times = validity?.tag === SEQUENCE ? partsOf(validity.bytes).map(timeOf) : []
  const [from, until] = times
  if (issuer?.tag !== SEQUENCE || subject?.tag !== SEQUENCE || from === undefined || until === undefined)
    return undefined
  const names = namesOf(subject)
  const extensions = extensionsOf(parts.find(({ tag }) => tag === 0xa3))
  const uses = extensions.get(KEY_USAGE)
  return {
    user: names.filter(({ type }) => type === CN).at(-1)?.text ?? '',
    groups: names.filter(({ type }) => type === O).map(({ text }) => text),
    subject: hex(subject.bytes),
    issuer: hex(issuer.bytes),
    own: keyId(extensions.get(OWN_KEY), 0x04),
    signer: keyId(extensions.get(SIGNER_KEY), 0x80),
    from,
    until,
    isForClients: uses === undefined || inside(uses).some(({ bytes }) => CLIENT_USES.has(hex(bytes))),
  }
}

/** Definite lengths of at most four bytes, as DER has them; what is cut ends the list. */
function partsOf(bytes: Uint8Array): readonly Node[] {
  const found: Node[] = []
  let at = 0
  while (at + 2 <= bytes.length && found.length < MOST_PARTS) {
    const tag = bytes[at] as number
    let length = bytes[at + 1] as number
    at += 2
    if (length >= 0x80) {
      const size = length & 0x7f
      if (size === 0 || size > 4 || at + size > bytes.length) break
      length = 0
      for (let index = 0; index < size; index++) length = length * 256 + (bytes[at + index] as number)
      at += size
    }
    if (at + length > bytes.length) break
    found.push({ tag, bytes: bytes.subarray(at, at + length) })
    at += length
  }
  return found
}

/** What a constructed value holds. */
function inside(value: Node | undefined): readonly Node[] {
  return value ? partsOf(value.bytes) : []
}

function namesOf(name: Node): readonly { readonly type: string; readonly text: string }[] {
  return inside(name).flatMap((set) =>
    inside(set).flatMap((pair) => {
      const [type, value] = inside(pair)
      return type && value ? [{ type: hex(type.bytes), text: textOf(value) }] : []
    }),
  )
}

function textOf({ tag, bytes }: Node): string {
  const buffer = Buffer.from(bytes)
  return tag === 0x1e ? buffer.swap16().toString('utf16le') : buffer.toString('utf8')
}

/** UTCTime has two digits of the year, of 1950 to 2049. */
function timeOf({ tag, bytes }: Node): number | undefined {
  const text = Buffer.from(bytes).toString('latin1')
  const year = tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text.slice(0, 2)}` : text.slice(0, 4)
  const rest = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text.slice(tag === 0x17 ? 2 : 4))
  if (!rest || !/^\d{4}$/.test(year)) return undefined
  const [month, day, hour, minute, second] = rest.slice(1).map(Number) as [number, number, number, number, number]
  return Date.UTC(Number(year), month - 1, day, hour, minute, second)
}

/** By their object identifiers; each value as what its OCTET STRING holds. */
function extensionsOf(tagged: Node | undefined): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>()
  for (const each of inside(inside(tagged)[0])) {
    const parts = inside(each)
    const [type] = parts
    const value = inside(parts.at(-1))[0]
    if (type && value) found.set(hex(type.bytes), value)
  }
  return found
}

function keyId(value: Node | undefined, tag: number): string | undefined {
  if (!value) return undefined
  const id = value.tag === tag ? value : inside(value).find((each) => each.tag === tag)
  return id && id.bytes.length > 0 ? hex(id.bytes) : undefined
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
