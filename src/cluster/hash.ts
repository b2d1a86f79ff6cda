/** A 53-bit hash of a text (cyrb53): equal on every machine, and no secret depends on it. */
export function hash53(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}

/** Eight letters and digits for an ordered list of hashes. */
export function hash8(hashes: readonly number[]): string {
  return (hash53(hashes.join()) % 36 ** 8).toString(36).padStart(8, '0')
}
