import { useMemo } from 'react'
import type { Patch } from '../../src/fix/patches.ts'
import { escapeUnsafe } from '../../src/report/text.ts'
import { type DiffLine, diffOf } from '../model/diff.ts'
import { amount } from '../model/numbers.ts'
import { More, usePaged } from './lists.tsx'
import { clean } from './text.tsx'

const FIRST = 120
const LONGEST = 2000

/** One file's changes. Numbers of lines are drawn, not written: what is copied is the diff. */
export function DiffView({ patch: { file, diff }, first = FIRST }: { patch: Patch; first?: number }) {
  const { lines, added, removed, isNew, isGone } = useMemo(() => diffOf(diff), [diff])
  const paged = usePaged(lines, first)
  const told = [
    isNew ? 'new file' : isGone ? 'file goes' : '',
    added > 0 ? `${amount(added, 'line')} more` : '',
    removed > 0 ? `${amount(removed, 'line')} less` : '',
  ].filter((part) => part !== '')
  return (
    <div className="diff">
      <p className="fn">
        <code>
          <bdi>{clean(file)}</bdi>
        </code>
        <span>{told.join(', ')}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls takes the focus */}
      <section className="body" tabIndex={0} aria-label={`Diff of ${clean(file)}`}>
        <pre>
          {paged.shown.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no id and never move
            <Line key={at} {...line} />
          ))}
        </pre>
      </section>
      <More paged={paged} noun="lines" />
    </div>
  )
}

function Line({ kind, line, text }: DiffLine) {
  const over = text.length - LONGEST
  return (
    <span className={`l ${kind}`} data-line={line ?? ''}>
      {escapeUnsafe(over > 0 ? text.slice(0, LONGEST) : text)}
      {over > 0 ? ` … ${amount(over, 'character')} more` : ''}
      {'\n'}
    </span>
  )
}

/** Text as it was written, of which only the beginning may be worth a page. */
export function Raw({ text, label }: { text: string; label: string }) {
  const over = text.length - 2 * LONGEST
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls takes the focus
    <section className="raw" tabIndex={0} aria-label={label}>
      <pre>
        {escapeUnsafe(over > 0 ? text.slice(0, 2 * LONGEST) : text)}
        {over > 0 ? ` … ${amount(over, 'character')} more` : ''}
      </pre>
    </section>
  )
}
