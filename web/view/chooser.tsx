import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { ReportEntry } from '../../src/report/report.ts'
import { matcher } from '../model/find.ts'
import { nameOf } from '../model/names.ts'
import { grouped, percent, shareOf } from '../model/numbers.ts'
import { clean } from './text.tsx'

const MOST = 50
const GROUPS: readonly { readonly kind: ReportEntry['kind']; readonly title: string }[] = [
  { kind: 'exposed', title: 'Exposed workloads' },
  { kind: 'credential', title: 'Credentials' },
  { kind: 'workload', title: 'Other workloads' },
]

interface ChooserProps {
  readonly entries: readonly ReportEntry[]
  readonly value: ReportEntry
  readonly totalRisk: number
  readonly onChoose: (entry: string) => void
}

/** A combobox: type to narrow, arrows to move, Enter to choose, Escape to leave. */
export function Chooser({ entries, value, totalRisk, onChoose }: ChooserProps) {
  const [open, setOpen] = useState(false)
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const texts = useMemo(() => entries.map((entry) => entry.id.toLowerCase()), [entries])
  const wanted = useDeferredValue(query)
  const found = useMemo(() => {
    if (!open) return []
    const matches = matcher(wanted)
    const hits = entries.filter((_, at) => matches(texts[at] as string))
    return GROUPS.map((group) => ({ ...group, of: hits.filter(({ kind }) => kind === group.kind) })).filter(
      ({ of }) => of.length > 0,
    )
  }, [open, wanted, entries, texts])
  const total = found.reduce((sum, { of }) => sum + of.length, 0)
  const share = Math.max(5, Math.floor(MOST / Math.max(1, found.length)))
  const shown = found.map((group) => ({ ...group, shown: group.of.slice(0, share) }))
  const options = shown.flatMap((group) => group.shown)
  useEffect(() => {
    if (open) list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  })
  const close = (): void => {
    setOpen(false)
    setQuery('')
    setActive(0)
  }
  const choose = (entry: ReportEntry | undefined): void => {
    if (!entry) return
    onChoose(entry.id)
    close()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!open) setOpen(true)
      else setActive((at) => Math.max(0, Math.min(options.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter' && open) {
      event.preventDefault()
      choose(options[active])
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      close()
    }
  }
  const { kind, text } = nameOf(value.id)
  return (
    <div className="chooser">
      <input
        role="combobox"
        className="box"
        aria-label="Entry: where the breach starts"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && options[active] ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        value={open ? query : clean(`${text} ${kind}`)}
        placeholder={clean(`${text} ${kind}`)}
        onFocus={(event) => event.target.select()}
        onMouseDown={() => setOpen(true)}
        onChange={(event) => {
          setQuery(open ? event.target.value : ((event.nativeEvent as InputEvent).data ?? ''))
          setActive(0)
          setOpen(true)
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      {open ? (
        <div className="options" id={`${id}-list`} role="listbox" aria-label="Entries" ref={list}>
          {shown.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: options of a list box are grouped by role
            <div key={group.kind} role="group" aria-label={group.title}>
              <p className="gt" aria-hidden="true">
                {group.title} <span>{grouped(group.of.length)}</span>
              </p>
              {group.shown.map((entry) => {
                const at = options.indexOf(entry)
                const name = nameOf(entry.id)
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the combobox
                  // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the combobox
                  <div
                    key={entry.id}
                    id={`${id}-${at}`}
                    role="option"
                    aria-selected={at === active}
                    className={entry.id === value.id ? 'now' : ''}
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => choose(entry)}
                  >
                    <span className="nm">
                      <bdi>{clean(name.text)}</bdi> <span className="dim">{clean(name.kind)}</span>
                    </span>
                    <span className="num">{percent(shareOf(entry.weight * entry.risk, totalRisk))}</span>
                  </div>
                )
              })}
              {group.of.length > group.shown.length ? (
                <p className="gm">and {grouped(group.of.length - group.shown.length)} more: type to narrow</p>
              ) : null}
            </div>
          ))}
          {total === 0 ? <p className="gm">No entry is named so.</p> : null}
        </div>
      ) : null}
    </div>
  )
}
