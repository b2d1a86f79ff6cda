/**
 * A request is known by more than its auditID, which a client may choose (header Audit-ID): by its time to the
 * microsecond, its verb and its object too, so that only what is the same in all of these can pass for a copy. Its key has
 * 64 bits: `high` and `low`; both 0 where nothing tells it from others.
 */
export const HIGH = 0x2545_f491
export const LOW = 0x1b87_3593
export const TEXT = 0x7feb_352d

/** Folds four bytes, or fewer, into a hash. */
export function mixed(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x9e37_79b1)
  return next ^ (next >>> 15)
}

/** The hash of a text, by its characters as bytes; those of `bytes.ts` give the same for the bytes of it. */
export function hashOf(text: string, seed: number): number {
  const { length } = text
  let hash = seed
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const low = (text.charCodeAt(at) & 0xff) | ((text.charCodeAt(at + 1) & 0xff) << 8)
    const high = (text.charCodeAt(at + 2) & 0xff) | ((text.charCodeAt(at + 3) & 0xff) << 8)
    hash = mixed(hash, low | (high << 16))
  }
  for (; at < length; at++) hash = mixed(hash, text.charCodeAt(at) & 0xff)
  return mixed(hash, length)
}

/** From the hashes of what the stages of a request have in common, the first of which is that of its auditID. */
export function keyOf(
  seed: number,
  id: number,
  time: number,
  verb: number,
  place: number,
  what: number,
  name: number,
): number {
  return mixed(mixed(mixed(mixed(mixed(mixed(seed, id), time), verb), place), what), name)
}

/** Of a request that was parsed; the hashes of a scanned one are the same. */
export function parsedKey(
  id: string,
  time: string,
  verb: string,
  namespace: string,
  resource: string,
  name: string,
): { readonly high: number; readonly low: number } {
  if (id === '') return { high: 0, low: 0 }
  const rest = [
    hashOf(time, TEXT),
    hashOf(verb, TEXT),
    hashOf(namespace, TEXT),
    hashOf(resource, TEXT),
    hashOf(name, TEXT),
  ]
  const [at = 0, how = 0, place = 0, what = 0, whose = 0] = rest
  return {
    high: keyOf(HIGH, hashOf(id, HIGH), at, how, place, what, whose),
    low: keyOf(LOW, hashOf(id, LOW), at, how, place, what, whose),
  }
}
