import { shorten } from '../../src/report/text.ts'

/** Widths of ASCII from the space on, in hundredths of an em: Plex Sans at 87 %, measured. */
const REGULAR =
  '22 27 40 67 57 88 66 23 32 32 43 57 26 38 26 26 57 57 57 57 57 57 57 57 57 57 27 27 57 57 57 45 85 62 62 58 64 55 53 66 67 38 48 60 48 77 67 67 58 67 61 54 56 64 58 85 58 56 55 30 37 30 57 54 57 51 55 47 55 52 31 50 54 24 24 50 25 83 54 53 55 55 35 46 33 54 47 73 48 47 44 33 30 33 57'
const SEMIBOLD =
  '22 30 45 62 57 91 68 25 32 32 53 57 29 38 29 27 57 57 57 57 57 57 57 57 57 57 30 30 57 57 57 47 85 65 63 60 66 57 55 68 68 40 51 64 50 78 68 68 61 68 63 57 57 66 61 91 62 60 57 31 42 31 57 53 57 53 57 48 57 53 34 53 56 26 27 54 27 84 56 53 57 57 37 47 35 56 50 78 52 50 48 35 36 35 57'

const WIDTHS = { 400: REGULAR.split(' ').map(Number), 600: SEMIBOLD.split(' ').map(Number) }
const WIDEST = 100

type Weight = keyof typeof WIDTHS

/** About how wide a text will be in pixels; what is not ASCII counts as a full em. */
export function textWidth(text: string, size: number, weight: Weight): number {
  let hundredths = 0
  for (const char of text) hundredths += WIDTHS[weight][char.charCodeAt(0) - 32] ?? WIDEST
  return (hundredths * size) / 100
}

/** The text, cut in the middle to fit; empty where not even three letters would stand. */
export function fit(text: string, room: number, size: number, weight: Weight): string {
  if (textWidth(text, size, weight) <= room) return text
  let low = 0
  let high = [...text].length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (textWidth(shorten(text, middle), size, weight) <= room) low = middle
    else high = middle - 1
  }
  return low < 5 ? '' : shorten(text, low)
}

/** The text on at most so many lines, broken after a mark where words join, the last one cut to fit. */
export function lines(text: string, room: number, size: number, weight: Weight, most: number): readonly string[] {
  const result: string[] = []
  let left = text
  while (left !== '' && result.length < most - 1 && textWidth(left, size, weight) > room) {
    const parts = left.split(/(?<=[-./@:_ ])/)
    let head = ''
    while (parts.length > 1 && textWidth(head + parts[0], size, weight) <= room) head += parts.shift()
    if (head === '') break
    result.push(head.trimEnd())
    left = left.slice(head.length)
  }
  const last = fit(left, room, size, weight)
  return last === '' ? result : [...result, last]
}
