import type { Counted } from '../../src/engines/traffic/overload/exhaustion.ts'
import type { Report } from '../../src/report/report.ts'
import type { OverloadItem } from '../../src/report/traffic/overload.ts'
import { plainName, UNDECIDED } from '../../src/report/traffic/overload-words.ts'
import { amount, grouped, percent } from '../model/numbers.ts'
import { entriesAmong, floodedBy } from '../model/overload.ts'
import { EvidenceList } from './evidence.tsx'
import { UnknownMark } from './marks.tsx'
import { MiniHull } from './mini-hull.tsx'
import { clean, Said } from './text.tsx'

interface OverloadDetailProps {
  readonly item: OverloadItem
  readonly report: Report
  /** How many applications run something. */
  readonly running: number
  readonly onEntry: (entry: string) => void
}

/** One item opened: whom it hits, drawn and named; what it rests on; what would cut it. */
export function OverloadDetail({ item, report, running, onEntry }: OverloadDetailProps) {
  const { sources, via, exhausts, hits, share, truth, because, caps } = item
  const counts = floodedBy(item, running)
  const isUnknown = truth === 'unknown'
  const told = `${grouped(counts.control)} of ${amount(counts.control + counts.dry, 'application')} ${isUnknown ? 'may be hit' : 'hit'}`
  return (
    <div className="two">
      <section>
        <h4 className="h">
          Whom it hits <small>{percent(share)} of all availability</small>
        </h4>
        <figure className="now">
          <MiniHull counts={counts} label={told} unknown={isUnknown} />
          <figcaption>
            <b>{told}</b> through <Said text={exhausts.title} />
          </figcaption>
        </figure>
        <dl className="kv whom">
          <dt>From</dt>
          <dd>
            <Sources sources={sources} entries={entriesAmong(item, report)} onEntry={onEntry} />
          </dd>
          {via.length === 0 ? null : (
            <>
              <dt>By way of</dt>
              <dd>
                <Names all={{ count: via.length, examples: via }} />
              </dd>
            </>
          )}
          <dt>{amount(hits.applications.count, 'application')}</dt>
          <dd>
            <Names all={hits.applications} />
          </dd>
          <dt>{amount(hits.workloads.count, 'workload')}</dt>
          <dd>
            <Names all={hits.workloads} />
          </dd>
        </dl>
      </section>
      <section>
        <h4 className="h">Why</h4>
        {isUnknown ? (
          <p className="undecided">
            <UnknownMark word={`unknown: ${UNDECIDED}`} />
          </p>
        ) : null}
        <EvidenceList because={because} />
        {caps.length === 0 ? null : (
          <>
            <h4 className="h caps">What would cut it</h4>
            <ul className="why-list">
              {caps.map((cap) => (
                <li key={cap}>{clean(cap)}</li>
              ))}
            </ul>
          </>
        )}
      </section>
    </div>
  )
}

interface SourcesProps {
  readonly sources: Counted
  readonly entries: ReadonlySet<string>
  readonly onEntry: (entry: string) => void
}

/** Any of these; where it is an entry as well, the way to what a breach of it reaches. */
function Sources({ sources: { count, examples }, entries, onEntry }: SourcesProps) {
  return (
    <>
      {count > 1 ? 'any of ' : ''}
      {examples.map((id, at) => (
        <span key={id}>
          {at === 0 ? '' : ', '}
          {entries.has(id) ? (
            <button type="button" className="link" onClick={() => onEntry(id)}>
              <Said text={plainName(id)} />
            </button>
          ) : (
            <Said text={plainName(id)} />
          )}
        </span>
      ))}
      <Rest of={{ count, examples }} />
    </>
  )
}

function Names({ all }: { all: Counted }) {
  return (
    <>
      {all.examples.map((id, at) => (
        <span key={id}>
          {at === 0 ? '' : ', '}
          <Said text={plainName(id)} />
        </span>
      ))}
      <Rest of={all} />
    </>
  )
}

function Rest({ of: { count, examples } }: { of: Counted }) {
  const left = count - examples.length
  return left > 0 ? <span className="dim"> and {grouped(left)} more</span> : null
}
