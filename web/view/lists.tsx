import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { grouped } from '../model/numbers.ts'
import { type Order, turned } from '../model/order.ts'

const PAGE = 200

/** The first rows of a list, and a way to the others. A new list begins at its top again. */
export function usePaged<Row>(rows: readonly Row[], first = 30) {
  const [page, setPage] = useState({ rows, shown: first })
  const shown = page.rows === rows ? page.shown : first
  return {
    shown: rows.length <= shown ? rows : rows.slice(0, shown),
    total: rows.length,
    more: () => setPage({ rows, shown: shown + PAGE }),
  }
}

export type Paged<Row> = ReturnType<typeof usePaged<Row>>

/** `30 of 2,459 findings. Show 200 more` — nothing is left out without a word. */
export function More<Row>({ paged, noun }: { paged: Paged<Row>; noun: string }) {
  const left = paged.total - paged.shown.length
  if (left <= 0) return null
  return (
    <p className="rest">
      {grouped(paged.shown.length)} of {grouped(paged.total)} {noun}.{' '}
      <button type="button" className="link" onClick={paged.more}>
        Show {grouped(Math.min(PAGE, left))} more
      </button>
    </p>
  )
}

/** One tab stop for a list: arrows or j and k move among its openers, Enter opens. */
export function moveAmong(event: KeyboardEvent<HTMLElement>): void {
  const target = event.target as HTMLElement
  if (event.altKey || event.ctrlKey || event.metaKey || !target.matches('[data-row]')) return
  const sign = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
  if (sign === undefined && event.key !== 'Home' && event.key !== 'End') return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const here = rows.indexOf(target)
  const next = event.key === 'Home' ? rows[0] : event.key === 'End' ? rows.at(-1) : rows[here + (sign ?? 0)]
  if (!next) return
  event.preventDefault()
  for (const row of rows) row.tabIndex = row === next ? 0 : -1
  next.focus()
}

interface HeadingProps<Column extends string> {
  readonly order: Order<Column>
  readonly onOrder: (order: Order<Column>) => void
  readonly by: Column
  readonly text?: boolean
  readonly className?: string
  readonly children: ReactNode
}

/** A column's heading that sorts by it. */
export function Heading<Column extends string>(props: HeadingProps<Column>) {
  const { order, onOrder, by, text = false, className, children } = props
  const isOn = order.by === by
  return (
    <th
      scope="col"
      className={className ?? (text ? '' : 'num')}
      aria-sort={isOn ? (order.down ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className="sort" onClick={() => onOrder(turned(order, by, text))}>
        {children}
        {isOn ? (order.down ? ' ↓' : ' ↑') : ''}
      </button>
    </th>
  )
}

interface SegmentsProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly onValue: (value: Value) => void
  readonly options: readonly { readonly value: Value; readonly text: string; readonly count?: number }[]
}

export function Segments<Value extends string>({ label, value, onValue, options }: SegmentsProps<Value>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would not lie on one line
    <div className="seg" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onValue(option.value)}
        >
          {option.text}
          {option.count === undefined ? null : <span className="c">{grouped(option.count)}</span>}
        </button>
      ))}
    </div>
  )
}

export function Search({ label, value, onValue }: { label: string; value: string; onValue: (text: string) => void }) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      spellCheck={false}
      onChange={(event) => onValue(event.target.value)}
    />
  )
}

/** A share as a bar, for a place where its figure stands beside it; hatched where it is unknown. */
export function Level({ share, unknown = false }: { share: number; unknown?: boolean }) {
  return (
    <span className="lv" aria-hidden="true">
      <span className={unknown ? 'fill maybe' : 'fill'} style={{ width: `${Math.min(100, share * 100)}%` }} />
    </span>
  )
}

/** What was there in pale water, what is left in deep; the figures stand beside it. */
export function Bars({ before, after }: { before: number; after: number }) {
  return (
    <span className="fall" aria-hidden="true">
      <span className="fill b" style={{ width: `${Math.min(1, before) * 100}%` }} />
      <span className="fill a" style={{ width: `${Math.min(1, after) * 100}%` }} />
    </span>
  )
}
