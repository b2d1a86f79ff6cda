/** What Go prints as it is (strconv.IsPrint): letters, marks, numbers, punctuation, symbols, and the one blank of ASCII. */
const PRINTED = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** A text as Go's `%q` writes it, in which the API server tells names. It is not JSON: `\a`, `\x7f`, `\u00ad`, `\U0001f3fb`. */
export function quoted(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let written = ''
  for (const letter of text) written += SHORT[letter] ?? (PRINTED.test(letter) ? letter : escaped(letter))
  return `"${written}"`
}

function escaped(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${hex(code, 2)}`
  // Half of a pair, which no UTF-8 text holds, becomes the replacement character.
  if (code >= 0xd800 && code < 0xe000) return '\ufffd'
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
