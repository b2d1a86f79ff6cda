const SPACE = 0x20
const NEWEST_PREFIX = 256

/** Where the engine's own line begins behind what a runtime or a collector puts before it; undefined where it has not this form. */
type Prefix = (bytes: Uint8Array, from: number, to: number) => number | undefined

/** Nothing; the container runtime's `2026-11-21T14:02:11.123456789Z stdout F `; `kubectl logs --timestamps`; `--prefix`; syslog, by its form and by the number of a process. */
export const PREFIXES: readonly Prefix[] = [
  (_bytes, from) => from,
  (bytes, from, to) => {
    const at = afterTime(bytes, from, to)
    if (at === undefined || bytes[at] !== 0x73 || bytes[at + 1] !== 0x74 || bytes[at + 2] !== 0x64) return undefined
    return bytes[at + 6] === SPACE && bytes[at + 7] === 0x46 && bytes[at + 8] === SPACE ? at + 9 : undefined
  },
  afterTime,
  (bytes, from, to) => {
    // [pod/ingress-nginx-controller-abc/controller]
    if (bytes[from] !== 0x5b || bytes[from + 1] !== 0x70 || bytes[from + 4] !== 0x2f) return undefined
    const end = bytes.indexOf(0x5d, from)
    if (end < 0 || end + 2 > to || end - from > NEWEST_PREFIX) return undefined
    return end + 2
  },
  afterTag,
  (bytes, from, to) => {
    // haproxy[14389]: , rsyslog's and the kernel's way
    const most = Math.min(to, from + NEWEST_PREFIX)
    for (let at = from; at + 2 < most; at++)
      if (bytes[at] === 0x5d && bytes[at + 1] === 0x3a && bytes[at + 2] === SPACE)
        return isPid(bytes, at) ? at + 3 : undefined
    return undefined
  },
]

/** So many of them begin where the line does; the last is looked for inside of it. */
export const ANCHORED = PREFIXES.length - 1

function afterTime(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to - from < 21 || bytes[from + 4] !== 0x2d || bytes[from + 10] !== 0x54) return undefined
  for (let at = from + 19; at < from + 36 && at < to; at++) if (bytes[at] === SPACE) return at + 1
  return undefined
}

/**
 * `<190>Nov 22 03:40:46 host nginx: `, with or without its priority, the host, a time of ISO 8601 and a number of the process
 * (RFC 3164, as nginx and rsyslog write it); `<134>1 2026-11-22T03:40:46Z host haproxy 7 - - ` (RFC 5424).
 */
function afterTag(bytes: Uint8Array, from: number, to: number): number | undefined {
  const most = Math.min(to, from + NEWEST_PREFIX)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, most - from).toString('latin1')
  const found = TAG.exec(text)
  return found ? from + found[0].length : undefined
}

const TAG =
  /^(?:<\d{1,3}>)?(?:(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) (?:[^ ]{1,64} )?[^ :[]{1,48}(?:\[\d{1,10}\])?: |1 \d{4}-\d\d-\d\dT[^ ]{1,32} [^ ]{1,64} [^ ]{1,48} [^ ]{1,48} [^ ]{1,48} (?:-|\[[^\]]{0,64}\]) )/

/** Digits in brackets that end here. */
function isPid(bytes: Uint8Array, end: number): boolean {
  let at = end - 1
  while (at >= 0 && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at--
  return at < end - 1 && bytes[at] === 0x5b
}
