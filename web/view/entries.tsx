import { Fragment, useDeferredValue, useMemo, useState } from 'react'
import type { Report, ReportEntry } from '../../src/report/report.ts'
import { classesOf, type EntryClass } from '../model/classes.ts'
import { countsBy, haystack, search } from '../model/find.ts'
import { nameOf } from '../model/names.ts'
import { grouped, percent, shareOf } from '../model/numbers.ts'
import { type Order, ordered } from '../model/order.ts'
import { Heading, Level, More, moveAmong, Search, Segments, usePaged } from './lists.tsx'
import { UnknownMark } from './marks.tsx'
import { Opener, OpeningRow } from './opening-row.tsx'
import { clean, Id } from './text.tsx'

type Kind = ReportEntry['kind'] | 'all'
type Column = 'entries' | 'controls' | 'contacts' | 'loss' | 'risk'

const VALUES: Readonly<Record<Column, (group: EntryClass) => number>> = {
  entries: ({ entries }) => entries.length,
  controls: ({ controls }) => controls,
  contacts: ({ contacts }) => contacts,
  loss: ({ loss }) => loss,
  risk: ({ risk }) => risk,
}

const textOf = haystack(({ id, application }: ReportEntry) => `${id} ${application ?? ''}`)

interface EntriesProps {
  readonly report: Report
  readonly current: string
  readonly onEntry: (entry: string) => void
}

/** Every place where a breach may start, those with equal ways out as one row. */
export function Entries({ report, current, onEntry }: EntriesProps) {
  const { entries, risk, assets } = report
  const [kind, setKind] = useState<Kind>('all')
  const [query, setQuery] = useState('')
  const [order, setOrder] = useState<Order<Column>>({ by: 'risk', down: true })
  const [opened, setOpened] = useState<number>()
  const wanted = useDeferredValue(query)
  const counts = useMemo(() => countsBy(entries, (entry) => entry.kind), [entries])
  const found = useMemo(
    () => search(kind === 'all' ? entries : entries.filter((entry) => entry.kind === kind), wanted, textOf),
    [entries, kind, wanted],
  )
  const rows = useMemo(() => ordered(classesOf(found), order.down, VALUES[order.by]), [found, order])
  const paged = usePaged(rows, 20)
  const heading = { order, onOrder: setOrder }
  return (
    <>
      <div className="filters">
        <Segments
          label="Kind of entry"
          value={kind}
          onValue={setKind}
          options={[
            { value: 'all', text: 'All', count: entries.length },
            { value: 'exposed', text: 'Exposed', count: counts.get('exposed') ?? 0 },
            { value: 'credential', text: 'Credentials', count: counts.get('credential') ?? 0 },
            { value: 'workload', text: 'Other workloads', count: counts.get('workload') ?? 0 },
          ]}
        />
        {entries.length > 12 ? <Search label="Find an entry or application" value={query} onValue={setQuery} /> : null}
      </div>
      <table className="tb" onKeyDown={moveAmong} aria-labelledby="entries-title">
        <thead>
          <tr>
            <Heading {...heading} by="entries" text>
              Entries with equal ways out
            </Heading>
            <Heading {...heading} by="controls">
              Controls
            </Heading>
            <Heading {...heading} by="contacts" className="num c2">
              In contact
            </Heading>
            <Heading {...heading} by="loss">
              Loss
            </Heading>
            <Heading {...heading} by="risk">
              Of the risk
            </Heading>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map((group, at) => {
            const isOpen = opened === group.id
            const share = shareOf(group.risk, risk.total)
            return (
              <OpeningRow
                key={group.id}
                isOpen={isOpen}
                columns={5}
                inside={() => <Members group={group} total={risk.total} current={current} onEntry={onEntry} />}
              >
                <Opener isOpen={isOpen} isFirst={at === 0} onClick={() => setOpened(isOpen ? undefined : group.id)}>
                  <Named entries={group.entries} />
                </Opener>
                <td className="num">
                  {grouped(group.controls)}
                  <span className="dim c2">/{grouped(assets.length)}</span>
                </td>
                <td className="num c2">{grouped(group.contacts)}</td>
                <td className="num">{percent(group.loss)}</td>
                <td className="share">
                  <span>
                    <Level share={share} />
                    {percent(share)}
                  </span>
                </td>
              </OpeningRow>
            )
          })}
        </tbody>
      </table>
      {rows.length === 0 ? <p className="rest">{wanted === '' ? 'None was found.' : 'No entry is named so.'}</p> : null}
      <More paged={paged} noun="groups of entries" />
    </>
  )
}

const NAMED = 3

function Named({ entries }: Pick<EntryClass, 'entries'>) {
  const left = entries.length - NAMED
  return (
    <span>
      {entries.slice(0, NAMED).map(({ id }, at) => (
        <Fragment key={id}>
          {at > 0 ? ', ' : ''}
          {at === 0 ? (
            <b>
              <bdi>{clean(nameOf(id).text)}</bdi>
            </b>
          ) : (
            <bdi>{clean(nameOf(id).text)}</bdi>
          )}
        </Fragment>
      ))}
      {left > 0 ? <span className="dim">{` and ${grouped(left)} more`}</span> : null}
    </span>
  )
}

interface MembersProps {
  readonly group: EntryClass
  readonly total: number
  readonly current: string
  readonly onEntry: (entry: string) => void
}

function Members({ group, total, current, onEntry }: MembersProps) {
  const paged = usePaged(group.entries, 30)
  return (
    <>
      {group.entries.length > 1 ? (
        <p className="mute">
          {grouped(group.entries.length)} entries lead the same way: whoever breaches one of them reaches what the
          others reach.
        </p>
      ) : null}
      <ul className="starts">
        {paged.shown.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              className="link"
              aria-current={entry.id === current ? 'true' : undefined}
              onClick={() => onEntry(entry.id)}
            >
              <Id id={entry.id} plain />
            </button>
            <span className="dim">
              {entry.kind === 'credential' ? 'credential' : entry.exposed === 'no' ? 'not exposed' : ''}
              {entry.kind !== 'credential' && entry.exposed === 'yes' ? 'exposed' : ''}
              {entry.kind !== 'credential' && entry.exposed === 'unknown' ? (
                <UnknownMark word="exposure unknown" />
              ) : null}
              {`, ${percent(shareOf(entry.weight * entry.risk, total))} of the risk`}
            </span>
          </li>
        ))}
      </ul>
      <More paged={paged} noun="entries" />
    </>
  )
}
