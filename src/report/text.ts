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

/** Cuts in the middle, where names that differ at either end stay apart. */
export function shorten(text: string, width: number): string {
  const chars = [...text]
  if (chars.length <= width) return text
  if (width < 5) return chars.slice(0, width).join('')
  const head = Math.ceil((width - 1) / 2)
  return `${chars.slice(0, head).join('')}…${chars.slice(chars.length - (width - 1 - head)).join('')}`
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
