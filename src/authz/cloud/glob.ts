/** Whether a text fits a pattern in which `*` stands for any characters. Linear in both: a star is tried again only from the last one. */
export function starMatches(pattern: string, text: string): boolean {
  let at = 0
  let here = 0
  let star = -1
  let from = 0
  while (here < text.length) {
    if (pattern[at] === '*') {
      star = at++
      from = here
    } else if (at < pattern.length && pattern[at] === text[here]) {
      at++
      here++
    } else if (star >= 0) {
      at = star + 1
      here = ++from
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
