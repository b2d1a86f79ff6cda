/** Stands for what a template engine, a shell or a secret fills in. */
export const BLANK = '\uE000'

const MAX_PLACEHOLDER = 256

/** Only where a name follows at once: what else stands in a placeholder may be a default, and that a secret. */
const NAME = /^[$({<]+[\s.]*([A-Za-z_][A-Za-z0-9_]*)/

export interface Blanked {
  readonly text: string
  /** The name in each placeholder, in order; empty where it has none. */
  readonly names: readonly string[]
}

/**
 * Replaces `${NAME}`, `$(NAME)`, `$NAME`, `{{ name }}`, `{NAME}`, `<NAME>` and `%s` by BLANK, in one pass. What Kubernetes
 * itself expands is expanded before; all that is left here is filled in by somebody else.
 */
export function blank(text: string): Blanked {
  if (!/[$<{%]/.test(text)) return { text, names: [] }
  const names: string[] = []
  let out = ''
  let kept = 0
  for (let index = 0; index < text.length; index++) {
    const end = placeholderEnd(text, index)
    if (end <= index) continue
    out += text.slice(kept, index) + BLANK
    names.push(NAME.exec(text.slice(index, end))?.[1] ?? '')
    kept = end
    index = end - 1
  }
  return { text: kept === 0 ? text : out + text.slice(kept), names }
}

/** Where the placeholder that begins at `index` ends; `index` itself when none begins there. */
function placeholderEnd(text: string, index: number): number {
  const char = text[index]
  const next = text[index + 1]
  if (char === '$' && next === '{') return closing(text, index, '}')
  if (char === '$' && next === '(') return enclosed(text, index + 1, ')', index)
  if (char === '$' && next !== undefined && /[A-Za-z_]/.test(next)) return wordEnd(text, index + 1)
  if (char === '{' && next === '{') return closing(text, index, '}}')
  if (char === '{' && next !== undefined && /[A-Z_]/.test(next)) return enclosed(text, index, '}')
  if (char === '<' && next !== undefined && /[A-Za-z_]/.test(next)) return enclosed(text, index, '>')
  if (char === '%' && (next === 's' || next === 'd')) return index + 2
  return index
}

function closing(text: string, index: number, mark: string): number {
  const end = text.slice(index, index + MAX_PLACEHOLDER).indexOf(mark)
  return end < 0 ? index : index + end + mark.length
}

function wordEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && end - from < MAX_PLACEHOLDER && /[A-Za-z0-9_]/.test(text[end] as string)) end++
  return end
}

/** Only a single name: not a command, a block of code, nor a tag with attributes. */
function enclosed(text: string, open: number, mark: string, otherwise = open): number {
  let end = open + 1
  while (end < text.length && end - open < 64 && /[A-Za-z0-9_.-]/.test(text[end] as string)) end++
  return text[end] === mark && end > open + 1 ? end + 1 : otherwise
}
