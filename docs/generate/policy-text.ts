/** Variables whose text is the same in every policy: docs/guides/write-a-check.md shows them once. */
export const SHARED_VARIABLES: ReadonlySet<string> = new Set([
  'podTemplate',
  'podSpec',
  'containers',
  'lasting',
  'podPath',
])

/** What decides, as the policy's file has it: its spec without rules of matching, failure policy and shared variables. */
export function decidingText(policy: string): { readonly text: string; readonly shared: readonly string[] } {
  const shared: string[] = []
  const parts = sections(policy, 'spec')
    .filter(({ key }) => !['failurePolicy', 'reinvocationPolicy', 'matchConstraints'].includes(key))
    .flatMap(({ key, lines }) => {
      if (key !== 'variables') return lines
      const own = items(lines).filter((item) => {
        const name = /^ *- name: (\S+)$/.exec(item[0] ?? '')?.[1] ?? ''
        if (!SHARED_VARIABLES.has(name)) return true
        shared.push(name)
        return false
      })
      return own.length === 0 ? [] : [lines[0] ?? '', ...own.flat()]
    })
  return {
    text: parts
      .map((line) => line.replace(/^ {2}/, ''))
      .join('\n')
      .trimEnd(),
    shared,
  }
}

/** The blocks two blanks below a key of a mapping in block style. */
function sections(text: string, under: string): { readonly key: string; readonly lines: string[] }[] {
  const lines = text.split('\n')
  const found: { key: string; lines: string[] }[] = []
  for (const line of lines.slice(lines.indexOf(`${under}:`) + 1)) {
    if (/^\S/.test(line)) break
    const key = /^ {2}([A-Za-z]+):/.exec(line)?.[1]
    if (key !== undefined) found.push({ key, lines: [line] })
    else found.at(-1)?.lines.push(line)
  }
  return found
}

/** The items of a list in block style, below the line of its key. */
function items([, ...lines]: readonly string[]): string[][] {
  const found: string[][] = []
  for (const line of lines) {
    if (/^ {4}- /.test(line)) found.push([line])
    else found.at(-1)?.push(line)
  }
  return found
}

/** The first document of a stream. */
export function firstDocument(text: string): string {
  return (text.replace(/^---\n/, '').split(/^---$/m)[0] ?? '').trim()
}
