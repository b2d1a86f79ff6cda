import { isUtf8 } from 'node:buffer'

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
  /** Whether it may sign others (basicConstraints). */
  readonly isAuthority: boolean
  readonly der: Uint8Array
}

interface Node {
  readonly tag: number
  readonly bytes: Uint8Array
}

const SEQUENCE = 0x30
const BOOLEAN = 0x01
const MOST_PARTS = 2_000
const CN = '550403'
const O = '55040a'
const OWN_KEY = '551d0e'
const SIGNER_KEY = '551d23'
const KEY_USAGE = '551d25'
const CONSTRAINTS = '551d13'
const CLIENT_USES: ReadonlySet<string> = new Set(['2b06010505070302', '551d2500'])

const MOST_IN_CHAIN = 10

/**
 * The client's certificate of a PEM text, which is the first of a chain, or the first that is no authority's where they
 * stand in another order; undefined for what is none.
 */
export function certificateOf(pem: string): Certificate | undefined {
  const all = certificatesOf(pem, MOST_IN_CHAIN)
  return all.find(({ isAuthority }) => !isAuthority) ?? all[0]
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
    // Within a text of JSON or a variable its lines end with an escape.
    const plain = body.includes('\\') ? body.replaceAll(/\\[nr]/g, '') : body
    const certificate = body.length > 64 * 1024 ? undefined : decode(Buffer.from(plain, 'base64'))
    if (certificate) found.push(certificate)
    from = pem.indexOf(BEGIN, to)
  }
  return found
}

function decode(read: Uint8Array): Certificate | undefined {
  const whole = partsOf(read)[0]
  const der = whole ? read.subarray(0, whole.bytes.byteOffset - read.byteOffset + whole.bytes.length) : read
  const signed = whole?.tag === SEQUENCE ? partsOf(whole.bytes)[0] : undefined
  const parts = signed?.tag === SEQUENCE ? partsOf(signed.bytes) : []
  const at = parts[0]?.tag === 0xa0 ? 1 : 0
  const [issuer, validity, subject] = [parts[at + 2], parts[at + 3], parts[at + 4]]
  const times = validity?.tag === SEQUENCE ? partsOf(validity.bytes).map(timeOf) : []
  const [from, until] = times
  if (issuer?.tag !== SEQUENCE || subject?.tag !== SEQUENCE || from === undefined || until === undefined)
    return undefined
  const names = namesOf(subject)
  if (!names) return undefined
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
    isAuthority: isTrue(inside(extensions.get(CONSTRAINTS))[0]),
    der,
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

interface Name {
  readonly type: string
  readonly text: string
}

/** Undefined where one of them is of no type that Go reads: it then reads nothing of the certificate. */
function namesOf(name: Node): readonly Name[] | undefined {
  const found: Name[] = []
  for (const set of inside(name))
    for (const pair of inside(set)) {
      const [type, value] = inside(pair)
      const text = value && textOf(value)
      if (!type || text === undefined) return undefined
      found.push({ type: hex(type.bytes), text })
    }
  return found
}

/** crypto/x509 parseASN1String: by the tag of the string, and undefined for what it refuses. */
function textOf({ tag, bytes }: Node): string | undefined {
  const latin = Buffer.from(bytes).toString('latin1')
  switch (tag) {
    case 0x0c:
      return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : undefined
    case 0x13:
      return /^[a-zA-Z0-9'()*+,./:=? &-]*$/.test(latin) ? latin : undefined
    case 0x12:
      return /^[0-9 ]*$/.test(latin) ? latin : undefined
    case 0x16:
      return bytes.every((each) => each < 0x80) ? latin : undefined
    case 0x14:
      return latin
    case 0x1e:
      return bytes.length % 2 === 0 ? basicPlane(Buffer.from(bytes).swap16().toString('utf16le')) : undefined
    default:
      return undefined
  }
}

function basicPlane(text: string): string | undefined {
  const plain = text.endsWith('\0') ? text.slice(0, -1) : text
  return /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(plain) ? undefined : plain
}

/** UTCTime has two digits of the year, of 1950 to 2049, and may lack the seconds; both may tell an offset. */
function timeOf({ tag, bytes }: Node): number | undefined {
  const isShort = tag === 0x17
  const text = Buffer.from(bytes).toString('latin1')
  const full = isShort ? `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}` : text
  const read = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))$/.exec(full)
  if (!read || (!isShort && read[6] === undefined)) return undefined
  const [year, month, day, hour, minute, second] = read.slice(1, 7).map((each) => Number(each ?? 0)) as number[]
  const time = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second)
  const date = new Date(time)
  const isReal = date.getUTCMonth() + 1 === month && date.getUTCDate() === day && date.getUTCMinutes() === minute
  const offset = (Number(read[8] ?? 0) * 60 + Number(read[9] ?? 0)) * 60_000
  return isReal ? time - (read[7] === '-' ? -offset : offset) : undefined
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

function isTrue(value: Node | undefined): boolean {
  return value?.tag === BOOLEAN && value.bytes.some((each) => each !== 0)
}

function keyId(value: Node | undefined, tag: number): string | undefined {
  if (!value) return undefined
  const id = value.tag === tag ? value : inside(value).find((each) => each.tag === tag)
  return id && id.bytes.length > 0 ? hex(id.bytes) : undefined
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
