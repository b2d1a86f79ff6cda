/** Which names may be hosts on the internet, in a private network, or in an example. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Top-level domains that are in use for services. Not the whole list of IANA: many of it read as words of other things. */
const GENERIC = words(`
  com org net edu gov mil int info biz io dev app cloud ai co tech online site xyz shop store blog page live link host network
  systems solutions services digital agency media news email software tools zone space world global group company capital finance
  bank insurance health care life jobs pro mobi aero coop travel aws google microsoft azure amazon apple goog cern eu asia run gg
  land works team studio design social chat games games video photos events fund exchange money trade engineering technology`)

/** Country codes, without those that are better known as endings of files: py, sh, md, rs, pl, so, ps, vi, ml, mk, st, ms. */
const COUNTRIES = words(`
  ac ad ae af ag al am ao aq ar at au aw az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci cl cm cn cr
  cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et fi fj fm fo fr ga gb gd ge gf gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn
  hr ht hu id ie il im in iq ir is it je jm jo jp ke kg kh ki km kn kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mm
  mn mo mp mq mr mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pn pr pt pw qa re ro ru rw sa sb sc
  sd se sg si sk sl sm sn sr ss su sv sx sy sz tc td tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vn vu wf
  ws ye yt za zm zw`)

/** Country codes that are endings of files, too: taken where a URL says that a host follows. */
const AMBIGUOUS = words('py sh md rs pl so ps vi ml mk st ms')

/** Names that only a private network resolves. */
const PRIVATE = words('internal local lan home corp intranet private localdomain arpa example')

/**
 * RFC 2606 and 6761: names that nobody answers. `.example` is taken all the same: who writes a whole example cluster, as
 * ours, names its third parties so, and means them.
 */
const RESERVED = words('test invalid')

export function isDomain(host: string, inUrl: boolean): boolean {
  const last = host.slice(host.lastIndexOf('.') + 1)
  return (
    host.includes('.') &&
    (GENERIC.has(last) || COUNTRIES.has(last) || PRIVATE.has(last) || (inUrl && AMBIGUOUS.has(last)))
  )
}

/** Names that stand for a name which nobody has filled in. */
export function isPlaceholder(host: string): boolean {
  const labels = host.split('.')
  if (RESERVED.has(labels.at(-1) as string)) return true
  return /^(your|my|foo|some)-?(domain|company|org|host)$/.test(labels.at(-2) ?? '')
}

/** Names of documentation (RFC 2606): a comment or a template is full of them, the setting of a workload may mean one. */
export function isExample(host: string): boolean {
  return /(^|\.)example\.(com|org|net)$/.test(host)
}

export type Address = 'none' | 'loopback' | 'metadata' | 'link-local' | 'other'

/** Reads a dotted IPv4 address. `1.2.3` and `300.1.1.1` are none, so that versions are not taken for hosts. */
export function addressOf(host: string): Address {
  const octets = host.split('.')
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return 'none'
  const [first, second] = octets.map(Number)
  if (first === 127 || first === 0 || first === 255) return 'loopback'
  if (host === '169.254.169.254' || host === '169.254.170.2') return 'metadata'
  return first === 169 && second === 254 ? 'link-local' : 'other'
}

/** Where a cloud tells an instance who it is, and gives it credentials. */
export function isMetadata(host: string): boolean {
  return addressOf(host) === 'metadata' || host === 'metadata.google.internal' || host === 'metadata'
}

export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === 'localhost.localdomain' ||
    addressOf(host) === 'loopback'
  )
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A DNS name or IPv4 address, lower case, without a trailing dot. */
export function isHostName(host: string): boolean {
  if (host.length === 0 || host.length > 253) return false
  const labels = host.split('.')
  if (!labels.every((label) => LABEL.test(label))) return false
  return /[a-z]/.test(labels.at(-1) as string) || addressOf(host) !== 'none'
}
