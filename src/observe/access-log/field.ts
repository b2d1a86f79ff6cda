import { type Clock, decimal } from './clock.ts'
import { MARK, type Mark, type Request } from './request.ts'

/** What a place of a line holds, whatever its engine calls it. */
export type Field =
  | 'skip'
  /** The end of a request, and the beginning of one. */
  | 'common-time'
  | 'iso-time'
  | 'epoch-seconds'
  /** Whichever of the three it is. */
  | 'any-time'
  | 'common-start'
  | 'iso-start'
  | 'epoch-start'
  | 'client'
  /** `203.0.113.7:4711`. */
  | 'client-port'
  | 'forwarded'
  | 'host'
  | 'method'
  | 'path'
  /** `GET /cart?id=7 HTTP/1.1`; of ALB with a whole URL. */
  | 'request'
  /** Only what may be a status: three digits, 0, -1 or nothing. */
  | 'status'
  | 'received'
  | 'seconds'
  | 'milliseconds'
  | 'nanoseconds'
  /** nginx `$limit_req_status`. */
  | 'limit-status'
  /** Envoy `%RESPONSE_FLAGS%`. */
  | 'envoy-flags'
  /** ALB's `request_creation_time`: when it came, beside the time of its answer. */
  | 'created'
  /** ALB's first field. */
  | 'scheme'
  /** HAProxy's counters, as `1/1/1/1/0`. */
  | 'counters'
  /** HAProxy's termination state. */
  | 'termination'
  /** HAProxy's `10/0/30/69/109`, the last of which is the whole time. */
  | 'timers'
  /** The address of a backend, `-` where none was asked. */
  | 'upstream'
  /** Traefik's `OriginStatus`: 0 where no backend was asked. */
  | 'origin-status'
  | 'backend'

const DASH = 0x2d
const QUERY = 0x3f
const SPACE = 0x20
const COLON = 0x3a
const SLASH = 0x2f
const COMMA = 0x2c

/** Takes a field's bytes into the record; false for what it cannot be. */
export type Take = (request: Request, bytes: Uint8Array, from: number, to: number, clock: Clock) => boolean

export const TAKES: Readonly<Record<Field, Take | undefined>> = {
  skip: undefined,
  'common-time': (request, bytes, from, to, clock) => time(request, clock.common(bytes, from, to), clock, false),
  'iso-time': (request, bytes, from, to, clock) => time(request, clock.iso(bytes, from, to), clock, false),
  'epoch-seconds': (request, bytes, from, to) => epoch(request, bytes, from, to, false),
  'any-time': (request, bytes, from, to, clock) => {
    const iso = clock.iso(bytes, from, to)
    if (iso >= 0) return time(request, iso, clock, false)
    const common = clock.common(bytes, from, to)
    return common >= 0 ? time(request, common, clock, false) : epoch(request, bytes, from, to, false)
  },
  'common-start': (request, bytes, from, to, clock) => time(request, clock.common(bytes, from, to), clock, true),
  'iso-start': (request, bytes, from, to, clock) => time(request, clock.iso(bytes, from, to), clock, true),
  'epoch-start': (request, bytes, from, to) => epoch(request, bytes, from, to, true),
  created: (request, bytes, from, to, clock) => {
    const start = clock.iso(bytes, from, to)
    if (!(start >= 0)) return true
    if (!request.isStart && request.time >= start) request.duration = request.time - start
    request.time = start
    request.isStart = true
    return true
  },
  scheme: (_request, bytes, from, to) =>
    ['http', 'https', 'h2', 'grpcs', 'ws', 'wss'].some((scheme) => isText(bytes, from, to, scheme)),
  counters: (_request, bytes, from, to) => {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number
      if ((byte < SLASH || byte > 0x39) && byte !== 0x2b) return false
    }
    return to > from
  },
  client: (request, bytes, from, to) => {
    // `203.0.113.7:4711` and `[2001:db8::1]:4711`, as JSON logs of programs have it: each connection would be a client.
    const isBracketed = bytes[from] === 0x5b
    const end = isBracketed ? bytes.indexOf(0x5d, from) : portOf4(bytes, from, to)
    if (isBracketed && (end < 0 || end >= to)) return false
    request.clientFrom = isBracketed ? from + 1 : from
    request.clientTo = end
    return isAddress(bytes, request.clientFrom, end)
  },
  'client-port': (request, bytes, from, to) => {
    let end = to - 1
    while (end > from && bytes[end] !== COLON) end--
    if (end <= from) return false
    // `[2001:db8::1]:4711`
    const isBracketed = bytes[from] === 0x5b && bytes[end - 1] === 0x5d
    request.clientFrom = isBracketed ? from + 1 : from
    request.clientTo = isBracketed ? end - 1 : end
    return isAddress(bytes, request.clientFrom, request.clientTo)
  },
  forwarded: (request, bytes, from, to) => {
    if (to - from === 1 && bytes[from] === DASH) return true
    request.forwardedFrom = from
    request.forwardedTo = to
    return true
  },
  host: (request, bytes, from, to) => {
    request.hostFrom = from
    request.hostTo = portless(bytes, from, to)
    return true
  },
  method: (request, _bytes, from, to) => {
    request.methodFrom = from
    request.methodTo = to
    return true
  },
  path: (request, bytes, from, to) => {
    path(request, bytes, from, to)
    return true
  },
  request: (request, bytes, from, to) => {
    let space = from
    while (space < to && bytes[space] !== SPACE) space++
    request.methodFrom = from
    request.methodTo = space
    let end = space + 1
    while (end < to && bytes[end] !== SPACE) end++
    if (space < to) path(request, bytes, space + 1, end)
    return true
  },
  status: (request, bytes, from, to) => {
    if (to - from === 3) request.status = decimal(bytes, from, to)
    else if (to - from > 2 || to === from) return false
    return request.status >= 0
  },
  received: (request, bytes, from, to) => {
    if (to - from === 0 || (to - from === 1 && bytes[from] === DASH)) return true
    request.received = decimal(bytes, from, to)
    return request.received >= 0
  },
  seconds: (request, bytes, from, to) => duration(request, bytes, from, to, 1000),
  milliseconds: (request, bytes, from, to) => duration(request, bytes, from, to, 1),
  nanoseconds: (request, bytes, from, to) => duration(request, bytes, from, to, 1e-6),
  'limit-status': (request, bytes, from, to) => {
    const mark = limitStatus(bytes, from, to)
    if (mark !== MARK.untold) request.mark = mark
    return true
  },
  'envoy-flags': (request, bytes, from, to) => {
    // A list of flags; `RLSE`, a failing rate limit service, refuses nothing.
    for (let at = from; at < to; ) {
      let end = at
      while (end < to && bytes[end] !== COMMA) end++
      if (isText(bytes, at, end, 'RL') || isText(bytes, at, end, 'RateLimited')) request.mark = MARK.refused
      at = end + 1
    }
    return true
  },
  termination: (request, bytes, from, to) => {
    if (to - from < 2) return false
    // `P`: the proxy ended it; in its second place `R`: while it waited for the request, `T`: in a tarpit.
    // It says so of what is no HTTP as well, which it answers with 400.
    if (bytes[from] === 0x50 && (bytes[from + 1] === 0x52 || bytes[from + 1] === 0x54))
      request.mark = request.status === 400 ? MARK.own : MARK.refused
    else if (bytes[from] === DASH) request.mark = MARK.backend
    return true
  },
  timers: (request, bytes, from, to) => {
    let last = to
    while (last > from && bytes[last - 1] !== SLASH) last--
    // `+` where the log was written before the end (option logasap).
    return duration(request, bytes, bytes[last] === 0x2b ? last + 1 : last, to, 1)
  },
  upstream: (request, bytes, from, to) => {
    const isNone = to - from === 1 && bytes[from] === DASH
    if (request.mark === MARK.untold && to > from) request.mark = isNone ? MARK.own : MARK.backend
    return true
  },
  'origin-status': (request, bytes, from, to) => {
    if (request.mark === MARK.untold) request.mark = isText(bytes, from, to, '0') ? MARK.own : MARK.backend
    return true
  },
  backend: (request, _bytes, from, to) => {
    request.backendFrom = from
    request.backendTo = to
    return true
  },
}

function time(request: Request, ms: number, clock: Clock, isStart: boolean): boolean {
  if (!(ms >= 0)) return false
  // Of two times of one line the finer one counts, and of equal ones that of the beginning.
  if (request.time >= 0 && (request.resolution < clock.resolution || (request.isStart && !isStart))) return true
  request.time = ms
  request.resolution = clock.resolution
  request.isStart = isStart
  return true
}

function epoch(request: Request, bytes: Uint8Array, from: number, to: number, isStart: boolean): boolean {
  const value = decimal(bytes, from, to)
  if (!(value >= 0)) return false
  if (request.time >= 0 && request.resolution === 1 && request.isStart) return true
  let dot = from
  while (dot < to && bytes[dot] !== 0x2e) dot++
  // As programs count: no second of a log has more than eleven digits, no millisecond more than fourteen.
  const unit = value < 1e11 ? 1 : value < 1e14 ? 1e3 : value < 1e17 ? 1e6 : 1e9
  request.time = Math.round((value / unit) * 1e6) / 1000
  request.resolution = unit > 1 ? 1 : dot === to ? 1000 : Math.max(1, 10 ** (3 - (to - dot - 1)))
  request.isStart = isStart
  return true
}

function duration(request: Request, bytes: Uint8Array, from: number, to: number, factor: number): boolean {
  if (to === from || bytes[from] === DASH) return true
  const value = decimal(bytes, from, to)
  if (!(value >= 0)) return false
  request.duration = value * factor
  return true
}

/** Up to the query; of `https://host:443/path` what is behind the host, which is kept too. */
function path(request: Request, bytes: Uint8Array, from: number, to: number): void {
  let start = from
  if (bytes[from] !== SLASH)
    for (let at = from; at + 2 < to && at < from + 8; at++)
      if (bytes[at] === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH) {
        start = at + 3
        while (start < to && bytes[start] !== SLASH && bytes[start] !== QUERY) start++
        request.hostFrom = at + 3
        request.hostTo = portless(bytes, at + 3, start)
        break
      }
  let end = start
  while (end < to && bytes[end] !== QUERY) end++
  request.pathFrom = start
  request.pathTo = end
}

/** An address, a name, `unix:` or `-`: letters, digits and `.:-_%`. */
function isAddress(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = (bytes[at] as number) | 0x20
    const isWord = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x3a)
    if (!isWord && bytes[at] !== 0x2e && bytes[at] !== DASH && bytes[at] !== 0x5f && bytes[at] !== 0x25) return false
  }
  return to > from
}

/** Where the port of an IPv4 address begins, of which one colon is the only one; else the end. */
function portOf4(bytes: Uint8Array, from: number, to: number): number {
  const colon = bytes.indexOf(COLON, from)
  if (colon < 0 || colon + 1 >= to || to - colon > 6) return to
  for (let at = colon + 1; at < to; at++) if ((bytes[at] as number) < 0x30 || (bytes[at] as number) > 0x39) return to
  return colon
}

function isText(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false
  for (let at = 0; at < text.length; at++) if (bytes[from + at] !== text.charCodeAt(at)) return false
  return true
}

function portless(bytes: Uint8Array, from: number, to: number): number {
  for (let at = to - 1; at > from && to - at <= 6; at--) {
    const byte = bytes[at] as number
    if (byte === COLON) return at
    if (byte < 0x30 || byte > 0x39) return to
  }
  return to
}

/** Values of ngx_http_limit_req_status: PASSED, DELAYED, REJECTED, DELAYED_DRY_RUN, REJECTED_DRY_RUN. */
function limitStatus(bytes: Uint8Array, from: number, to: number): Mark {
  const length = to - from
  const first = bytes[from]
  if (length === 6 && first === 0x50) return MARK.passed
  if (length === 7 && first === 0x44) return MARK.delayed
  if (length === 8 && first === 0x52) return MARK.refused
  if (length === 15 && first === 0x44) return MARK.passed
  if (length === 16 && first === 0x52) return MARK.wouldRefuse
  return MARK.untold
}
