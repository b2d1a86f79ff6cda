/**
 * The pattern with its named groups unnamed. Go takes several groups of one name, which RE2 does not; no match here
 * is asked for its groups.
 */
export function withoutGroupNames(pattern: string): string {
  let out = ''
  for (let i = 0; i < pattern.length; ) {
    const next = skip(pattern, i)
    const name = next === i ? GROUP.exec(pattern.slice(i, i + LONGEST)) : null
    if (name !== null) {
      out += '('
      i += name[0].length
    } else {
      const end = Math.max(next, i + 1)
      out += pattern.slice(i, end)
      i = end
    }
  }
  return out
}

const GROUP = /^\(\?P?<[^>]*>/
const LONGEST = 200

/** The end of the literal text, the escape or the class that begins at `at`; `at` itself where none does. */
function skip(pattern: string, at: number): number {
  if (pattern.startsWith('\\Q', at)) {
    const end = pattern.indexOf('\\E', at)
    return end < 0 ? pattern.length : end + 2
  }
  if (pattern[at] === '\\') return at + 2
  return pattern[at] === '[' ? endOfClass(pattern, at) : at
}

function endOfClass(pattern: string, start: number): number {
  let i = pattern[start + 1] === '^' ? start + 2 : start + 1
  if (pattern[i] === ']') i++
  while (i < pattern.length && pattern[i] !== ']') {
    const posix = pattern.startsWith('[:', i) ? pattern.indexOf(':]', i + 2) : -1
    if (posix >= 0) i = posix + 2
    else i += pattern[i] === '\\' ? 2 : 1
  }
  return i + 1
}
