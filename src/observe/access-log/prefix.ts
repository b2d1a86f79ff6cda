const SPACE = 0x20
const NEWEST_PREFIX = 256

/** Where the engine's own line begins behind what a runtime or a collector puts before it; undefined where it has not this form. */
type Prefix = (bytes: Uint8Array, from: number, to: number) => number | undefined

/** Nothing; the container runtime's `2026-11-21T14:02:11.123456789Z stdout F `; `kubectl logs --timestamps`; `--prefix`; syslog. */
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

/** Digits in brackets that end here. */
function isPid(bytes: Uint8Array, end: number): boolean {
  let at = end - 1
  while (at >= 0 && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at--
  return at < end - 1 && bytes[at] === 0x5b
}
