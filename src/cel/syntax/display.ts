import type { Issue } from '../error.ts'
import { sorted } from './source.ts'

/** Longer lines are not shown (cel-go common/error.go maxSnippetLength, in bytes of UTF-8). */
const MAX_LINE_BYTES = 16_384

/** Issues as the API server shows them behind "compilation failed: ", each with its line and a mark (ToDisplayString). */
export function displayText(issues: readonly Issue[], text: string): string {
  const lines = text.split('\n')
  return sorted(issues)
    .map(({ message, line, column }) => {
      const head = `ERROR: <input>:${line}:${column + 1}: ${message}`
      const snippet = lines[line - 1]
      if (snippet === undefined || new TextEncoder().encode(snippet).length > MAX_LINE_BYTES) return head
      const characters = [...snippet.replaceAll('\t', ' ')]
      const dots = characters.slice(0, Math.max(0, column)).map((each) => (isWide(each) ? '．' : '.'))
      const mark = isWide(characters[Math.max(0, column)] ?? '') ? '＾' : '^'
      return `${head}\n | ${characters.join('')}\n | ${dots.join('')}${mark}`
    })
    .join('\n')
}

/** More than a byte of UTF-8. */
function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) > 0x7f
}
