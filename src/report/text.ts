/**
 * Text for terminals and files from names that an attacker may have chosen: control characters, escape sequences and
 * marks that reorder text are shown, never sent.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

export function clean(text: string): string {
  return text.replace(UNSAFE, (char) =>
    char === '\n' || char === '\t' ? ' ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The same for text in which a quoted string may hold `\uXXXX`: JSON, and YAML in double quotes. It means what it meant. */
export function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (char) =>
    char === '\n' || char === '\t' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

function cellsOf(char: string): number {
  return WIDE.test(char) ? 2 : 1
}

/** Cells of a terminal: wide East Asian characters and emoji take two. */
export function width(text: string): number {
  let cells = 0
  for (const char of text) cells += cellsOf(char)
  return cells
}

/** Cuts in the middle, where names that differ at either end stay apart; `most` is in cells. */
export function shorten(text: string, most: number): string {
  if (width(text) <= most) return text
  const chars = [...text]
  if (most < 5) return chars.slice(0, fitting(chars, most)).join('')
  const tail = chars.slice().reverse()
  const head = fitting(chars, Math.ceil((most - 1) / 2))
  const end = fitting(tail, most - 1 - width(chars.slice(0, head).join('')))
  return `${chars.slice(0, head).join('')}…${tail.slice(0, end).reverse().join('')}`
}

/** How many characters from the start take at most so many cells. */
function fitting(chars: readonly string[], most: number): number {
  let cells = 0
  const over = chars.findIndex((char) => {
    cells += cellsOf(char)
    return cells > most
  })
  return over < 0 ? chars.length : over
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']

/** `1,914`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `two nodes`, `13 nodes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${WORDS[count] ?? grouped(count)} ${count === 1 ? one : many}`
}

/** `1`, `0.1`, `0.0042`. */
export function chanceText(chance: number): string {
  return chance === 1 ? '1' : String(Number(chance.toPrecision(2)))
}

/** `83 %`, `0.4 %`, `< 0.1 %`. */
export function percent(share: number): string {
  const value = share * 100
  if (value === 0) return '0 %'
  if (value < 0.1) return '< 0.1 %'
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} %`
}

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length <= 1) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
