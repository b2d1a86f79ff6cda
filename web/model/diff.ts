export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'hunk' | 'note'
  /** In the new file, of a removed line in the old one; undefined for what is no line of a file. */
  readonly line: number | undefined
  /** With its sign, as `git apply` takes it. */
  readonly text: string
}

export interface Diff {
  readonly lines: readonly DiffLine[]
  readonly added: number
  readonly removed: number
  /** Of /dev/null: the file is new, or goes. */
  readonly isNew: boolean
  readonly isGone: boolean
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/** A unified diff of one file, without its head. Counts of the hunks decide what is a line, so that `--- x` may be removed. */
export function diffOf(diff: string): Diff {
  const lines: DiffLine[] = []
  const left = { old: 0, new: 0 }
  const at = { old: 1, new: 1 }
  let added = 0
  let removed = 0
  let isNew = false
  let isGone = false
  const rows = diff.split('\n')
  if (rows.at(-1) === '') rows.pop()
  for (const text of rows) {
    if (text.startsWith('\\')) {
      lines.push({ kind: 'note', line: undefined, text })
    } else if (left.old > 0 || left.new > 0) {
      const sign = text.charAt(0)
      if (sign !== '+') left.old--
      if (sign !== '-') left.new--
      if (sign === '+') added++
      if (sign === '-') removed++
      const kind = sign === '+' ? 'added' : sign === '-' ? 'removed' : 'same'
      lines.push({ kind, line: kind === 'removed' ? at.old : at.new, text })
      if (sign !== '+') at.old++
      if (sign !== '-') at.new++
    } else {
      const hunk = HUNK.exec(text)
      if (hunk) {
        at.old = Number(hunk[1])
        left.old = Number(hunk[2] ?? 1)
        at.new = Number(hunk[3])
        left.new = Number(hunk[4] ?? 1)
        lines.push({ kind: 'hunk', line: undefined, text })
      } else if (text === '--- /dev/null') isNew = true
      else if (text === '+++ /dev/null') isGone = true
    }
  }
  return { lines, added, removed, isNew, isGone }
}
