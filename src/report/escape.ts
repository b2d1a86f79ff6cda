import { clean } from './text.ts'

/** Names are data: what a format would act on is escaped for that format, and control characters are shown in all of them. */

/** For Markdown: nothing becomes a heading, a list, a link, a table cell or markup. Only what has a meaning where it stands. */
export function markdownText(text: string): string {
  return clean(text)
    .replace(/[\\`*_[\]|<>~&]/g, (char) => `\\${char}`)
    .replace(/^(\s*)([-+#=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2')
    .replace(/:\/\//g, '\\://')
    .replace(/(www)\./gi, '$1\\.')
}

/** A Markdown table. */
export function* rows(titles: readonly string[], body: Iterable<readonly string[]>): Generator<string> {
  yield `| ${titles.join(' | ')} |\n|${titles.map(() => ' --- |').join('')}\n`
  for (const row of body) yield `| ${row.map(markdownText).join(' | ')} |\n`
  yield '\n'
}

const XML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** For elements and attributes of XML 1.0, which takes neither control characters, halves of surrogates, nor U+FFFE and U+FFFF. */
export function xmlText(text: string): string {
  return clean(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (char) => XML[char] as string)
}

/** One cell of CSV (RFC 4180). What a spreadsheet would take for a formula becomes text by a quote before it. */
export function csvCell(text: string): string {
  const shown = clean(text)
  const plain = /^\s*[=+\-@]/.test(shown) ? `'${shown}` : shown
  return /[",;']|^\s|\s$/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** The message of a GitHub workflow command (actions/toolkit packages/core/src/command.ts). */
export function commandMessage(text: string): string {
  return text
    .split('\n')
    .map((line) => clean(line).replaceAll('%', '%25'))
    .join('%0A')
}

/** A property of a GitHub workflow command, in which a colon and a comma end it. */
export function commandProperty(text: string): string {
  return clean(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C')
}
