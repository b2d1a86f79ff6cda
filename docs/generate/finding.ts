import { readdirSync, readFileSync } from 'node:fs'
import { GENERATED } from './markdown.ts'

/** A page that a person wrote: of a finding of the graph, or of a join. */
export interface WrittenPage {
  readonly id: string
  readonly title: string
  /** In words. */
  readonly severity: string
}

const FOLDER = new URL('../reference/checks/', import.meta.url)

/** Those below docs/reference/checks, by their ids; their third line says what they find, and how grave it is. */
export function writtenPages(): readonly WrittenPage[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .flatMap((name) => {
      const text = readFileSync(new URL(name, FOLDER), 'utf8')
      if (text.startsWith(GENERATED)) return []
      const [, title = '', severity = ''] = /^\*\*(.+?)\.?\*\* Severity: (.+?)\.?$/m.exec(text) ?? []
      return [{ id: name.replace('.md', ''), title, severity }]
    })
}
