import { useDeferredValue, useMemo, useState } from 'react'
import type { Report, ReportApplication, ReportEntry } from '../../src/report/report.ts'
import { haystack, search } from '../model/find.ts'
import { nameOf, stepWords } from '../model/names.ts'
import { amount, grouped, percent, shareOf } from '../model/numbers.ts'
import { type Order, ordered } from '../model/order.ts'
import { EvidenceList } from './evidence.tsx'
import { Heading, Level, More, moveAmong, Search, usePaged } from './lists.tsx'
import { UnknownMark } from './marks.tsx'
import { Opener, OpeningRow } from './opening-row.tsx'
import { clean, Id, Said } from './text.tsx'

type Column = 'name' | 'namespaces' | 'owner' | 'workloads' | 'exposed' | 'step' | 'risk'

const VALUES: Readonly<Record<Column, (application: ReportApplication) => number | string>> = {
  name: ({ name }) => name,
  namespaces: ({ namespaces }) => namespaces.join(' '),
  // Those without an owner come last.
  owner: ({ owner }) => owner ?? '\uffff',
  workloads: ({ workloads }) => workloads.length,
  exposed: ({ exposed }) => ({ yes: 2, unknown: 1, no: 0 })[exposed],
  step: ({ step }) => step,
  risk: ({ risk }) => risk,
}

const textOf = haystack(({ id, owner, workloads }: ReportApplication) => `${id} ${owner ?? ''} ${workloads.join(' ')}`)

interface ApplicationsProps {
  readonly report: Report
  readonly onEntry: (entry: string) => void
}

/** What belongs together, who answers for it, how that was found, and what starts in it. */
export function Applications({ report, onEntry }: ApplicationsProps) {
  const { applications, entries, risk } = report
  const [query, setQuery] = useState('')
  const [order, setOrder] = useState<Order<Column>>({ by: 'risk', down: true })
  const [opened, setOpened] = useState<string>()
  const wanted = useDeferredValue(query)
  const rows = useMemo(
    () => ordered(search(applications, wanted, textOf), order.down, VALUES[order.by]),
    [applications, wanted, order],
  )
  const entriesOf = useMemo(() => byApplication(entries), [entries])
  const paged = usePaged(rows, 20)
  const heading = { order, onOrder: setOrder }
  return (
    <>
      <Coverage report={report} />
      {applications.length > 12 ? (
        <div className="filters">
          <Search label="Find an application, owner or workload" value={query} onValue={setQuery} />
        </div>
      ) : null}
      <table className="tb" onKeyDown={moveAmong} aria-labelledby="applications-title">
        <thead>
          <tr>
            <Heading {...heading} by="name" text>
              Application
            </Heading>
            <Heading {...heading} by="namespaces" text className="c2">
              Namespaces
            </Heading>
            <Heading {...heading} by="owner" text className="c2">
              Owner
            </Heading>
            <Heading {...heading} by="workloads">
              Workloads
            </Heading>
            <Heading {...heading} by="exposed" className="c2 left">
              Exposed
            </Heading>
            <Heading {...heading} by="step" text className="c3">
              Found by
            </Heading>
            <Heading {...heading} by="risk">
              Of the risk
            </Heading>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map((application, at) => {
            const { id, name, namespaces, owner, workloads, exposed, step } = application
            const isOpen = opened === id
            const share = shareOf(application.risk, risk.total)
            return (
              <OpeningRow
                key={id}
                isOpen={isOpen}
                columns={7}
                inside={() => (
                  <Opened
                    application={application}
                    entries={entriesOf.get(id) ?? []}
                    report={report}
                    onEntry={onEntry}
                  />
                )}
              >
                <Opener isOpen={isOpen} isFirst={at === 0} onClick={() => setOpened(isOpen ? undefined : id)}>
                  <b>
                    <Said text={name} />
                  </b>
                </Opener>
                <td className="c2">
                  <Said text={namespaces.join(', ')} />
                </td>
                <td className="c2">
                  {owner === undefined ? <span className="dim">not named</span> : <Said text={owner} />}
                </td>
                <td className="num">{grouped(workloads.length)}</td>
                <td className="c2">{exposed === 'unknown' ? <UnknownMark /> : exposed}</td>
                <td className="c3">{stepWords(step)}</td>
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
      {rows.length === 0 ? (
        <p className="rest">{wanted === '' ? 'None was found.' : 'No application is named so.'}</p>
      ) : null}
      <More paged={paged} noun="applications" />
    </>
  )
}

function byApplication(entries: readonly ReportEntry[]): ReadonlyMap<string, readonly ReportEntry[]> {
  const result = new Map<string, ReportEntry[]>()
  for (const entry of entries) {
    if (entry.application === undefined) continue
    const same = result.get(entry.application)
    if (same) same.push(entry)
    else result.set(entry.application, [entry])
  }
  return result
}

interface OpenedProps extends ApplicationsProps {
  readonly application: ReportApplication
  readonly entries: readonly ReportEntry[]
}

function Opened({ application, entries, report, onEntry }: OpenedProps) {
  const { name, namespaces, owner, workloads, members, step, because } = application
  const entryOf = new Map(entries.map((entry) => [entry.id, entry]))
  const starts = [...new Set([...workloads, ...entries.map(({ id }) => id)])]
  const paged = usePaged(starts, 12)
  return (
    <div className="two">
      <section>
        <h4 className="h">
          Where a breach of it starts{' '}
          <small>
            {amount(workloads.length, 'workload')}, {amount(members, 'other object')}
          </small>
        </h4>
        {starts.length === 0 ? <p className="mute">The input shows nothing of it that runs.</p> : null}
        <ul className="starts">
          {paged.shown.map((id) => {
            const entry = entryOf.get(id)
            return (
              <li key={id}>
                {entry ? (
                  <button type="button" className="link" onClick={() => onEntry(id)}>
                    <Id id={id} plain />
                  </button>
                ) : (
                  <Id id={id} plain />
                )}
                <span className="dim">
                  {entry
                    ? `controls ${grouped(entry.controls)} of ${grouped(report.assets.length)}, in contact with ${grouped(entry.contacts)}, loss ${percent(entry.risk)}`
                    : 'has finished: no entry'}
                </span>
              </li>
            )
          })}
        </ul>
        <More paged={paged} noun="workloads and credentials" />
      </section>
      <section>
        <h4 className="h">
          Why these belong together <small>{stepWords(step)}</small>
        </h4>
        <dl className="kv narrow-only">
          <dt>Namespaces</dt>
          <dd>{clean(namespaces.join(', '))}</dd>
          <dt>Owner</dt>
          <dd>{owner === undefined ? 'not named' : clean(owner)}</dd>
        </dl>
        <EvidenceList because={because} />
        <p className="vh">{clean(name)}</p>
      </section>
    </div>
  )
}

function Coverage({ report: { coverage } }: { report: Report }) {
  const { workloads, objects, unresolved } = coverage
  const paged = usePaged(unresolved, 100)
  return (
    <div className="coverage">
      <p className="mute">
        {grouped(workloads.resolved)} of {amount(workloads.resources, 'workload')} and {grouped(objects.resolved)} of{' '}
        {amount(objects.resources, 'object')} ({percent(shareOf(objects.resolved, objects.resources))}) are placed in an
        application that somebody named.
      </p>
      {unresolved.length === 0 ? null : (
        <details>
          <summary>{amount(unresolved.length, 'object')} not placed</summary>
          <ul className="names">
            {paged.shown.map((id) => (
              <li key={id}>
                <bdi>{clean(nameOf(id).text)}</bdi> <span className="dim">{clean(nameOf(id).kind)}</span>
              </li>
            ))}
          </ul>
          <More paged={paged} noun="objects not placed" />
        </details>
      )}
    </div>
  )
}
