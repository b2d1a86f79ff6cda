import type { ReportCounterexample, ReportProof } from '../../src/report/plan.ts'
import { nodeText } from '../../src/report/words.ts'
import { amount, counted, grouped, listed, percent } from '../model/numbers.ts'
import { timeText } from '../model/plan.ts'
import { Raw } from './diff.tsx'
import { place } from './evidence.tsx'
import { More, usePaged } from './lists.tsx'
import { clean } from './text.tsx'

/** What recorded history says of a change: the verdict, what it rests on, what speaks against it, what was not seen. */
export function ProofBlock({ proof }: { proof: ReportProof }) {
  const { verdict, reasons, window, control, replayed, counterexamples, blindSpots, unseenMass, recent } = proof
  const span = window.from === '' ? '' : `${timeText(window.from)} – ${timeText(window.to)} UTC`
  const others = verdict === 'unknown' ? reasons.slice(1) : []
  return (
    <>
      <section>
        <h4 className="h">
          Proof <small>{span}</small>
        </h4>
        <VerdictNote proof={proof} />
        {others.length === 0 ? null : (
          <ul className="why-list">
            {others.map((reason) => (
              <li key={reason}>{clean(reason)}</li>
            ))}
          </ul>
        )}
        <dl className="kv">
          <dt>Window</dt>
          <dd>
            {span === '' ? 'nothing was recorded' : `${span}, ${amount(window.days, 'day')}`}
            {window.sources.length === 0 ? null : <span className="dim block">{clean(listed(window.sources))}</span>}
          </dd>
          <dt>Replayed</dt>
          <dd>
            <b>{grouped(replayed)}</b> {replayed === 1 ? 'record' : 'records'} that touch this change
          </dd>
          <dt>Control</dt>
          <dd>
            {control.explained + control.unexplained === 0
              ? 'no record to compare with'
              : `${amount(control.explained, 'record')} explained by the rules of their time, ${grouped(control.unexplained)} not`}
          </dd>
          <dt>Not yet seen</dt>
          <dd>{unseenMass === null ? 'not estimated' : `${about(unseenMass)} of what will come`}</dd>
        </dl>
      </section>
      <Counterexamples counterexamples={counterexamples} />
      <BlindSpots blindSpots={blindSpots} isRecorded={span !== ''} />
      <Recent recent={recent} />
    </>
  )
}

function about(share: number): string {
  const text = percent(share)
  return text.startsWith('<') ? `less than ${text.slice(2)}` : `about ${text}`
}

const TELLS = {
  holds: { word: 'Holds.', className: 'verdict' },
  unknown: { word: 'Unproven.', className: 'verdict unk' },
  breaks: { word: 'Breaks.', className: 'verdict brk' },
} as const

/** The verdict in a box: the word, then what was replayed. */
export function VerdictNote({ proof }: { proof: ReportProof }) {
  const { verdict, reasons, window, replayed, counterexamples } = proof
  const { word, className } = TELLS[verdict]
  const uses = counterexamples.reduce((sum, { times }) => sum + times, 0)
  const of = window.days === 0 ? '' : ` of ${counted(window.days, 'day')}`
  const over = `${amount(replayed, 'record')}${of} ${replayed === 1 ? 'was' : 'were'} replayed`
  const told =
    verdict === 'holds'
      ? `${sentence(`${over}; ${replayed === 1 ? 'it' : 'all'} would still be allowed`)} ${sentence(reasons.join('; '))}`
      : verdict === 'breaks'
        ? `${amount(uses, 'recorded use')} would be refused. ${sentence(reasons[0] ?? '')}`
        : `${sentence(reasons[0] ?? 'Nothing was recorded')} ${replayed === 0 ? '' : `${over}, none of them refused.`}`
  return (
    <p className={className}>
      <svg className="g" aria-hidden="true">
        <use href={`#g-${verdict}`} />
      </svg>
      <span>
        <b>{word}</b> {clean(told)}
      </span>
    </p>
  )
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return whole === '' || /[.!?]$/.test(whole) ? whole : `${whole}.`
}

function Counterexamples({ counterexamples }: { counterexamples: readonly ReportCounterexample[] }) {
  const paged = usePaged(counterexamples, 6)
  if (counterexamples.length === 0) return null
  return (
    <section>
      <h4 className="h">
        What would break <small>{amount(counterexamples.length, 'counterexample')}</small>
      </h4>
      <ul className="cex">
        {paged.shown.map(({ what, why, times, first, last, file, line, raw }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: counterexamples have no id and never move
          <li key={at}>
            <p>
              <code className="what">
                <bdi>{clean(what)}</bdi>
              </code>
            </p>
            <p>{clean(why)}</p>
            <p className="dim">
              {amount(times, 'time')}
              {first === ''
                ? ''
                : times === 1
                  ? `, ${timeText(first)} UTC`
                  : `, ${timeText(first)} – ${timeText(last)} UTC`}
            </p>
            <details open={at === 0}>
              <summary>
                The record <code>{place({ file, line })}</code>
              </summary>
              <Raw text={raw} label={`The record at ${place({ file, line })}`} />
            </details>
          </li>
        ))}
      </ul>
      <More paged={paged} noun="counterexamples" />
    </section>
  )
}

function BlindSpots({ blindSpots, isRecorded }: Pick<ReportProof, 'blindSpots'> & { isRecorded: boolean }) {
  const paged = usePaged(blindSpots, 12)
  return (
    <section>
      <h4 className="h">
        Blind spots{' '}
        <small>
          {blindSpots.length > 0
            ? 'what the records could not show'
            : isRecorded
              ? 'none was found'
              : 'without records, none can be named'}
        </small>
      </h4>
      {blindSpots.length === 0 ? null : (
        <table className="tb blind">
          <thead>
            <tr>
              <th scope="col">What was not seen</th>
              <th scope="col">Instance</th>
              <th scope="col" className="c2">
                Touches
              </th>
            </tr>
          </thead>
          <tbody>
            {paged.shown.map(({ kind, message, instance, touches }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: blind spots have no id and never move
              <tr key={at}>
                <th scope="row">
                  {clean(message)}
                  <code className="dim block">{clean(kind)}</code>
                </th>
                <td>
                  <bdi>{clean(instance)}</bdi>
                </td>
                <td className="c2">
                  {touches.length === 0 ? 'all' : clean(listed(touches.slice(0, 4).map(touched)))}
                  {touches.length > 4 ? ` and ${grouped(touches.length - 4)} more` : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More paged={paged} noun="blind spots" />
    </section>
  )
}

/** Subjects are names, workloads are ids. */
const touched = (name: string): string => (/^[A-Z][\w.-]*\/[^/]*\/./.test(name) ? nodeText(name) : name)

function Recent({ recent }: Pick<ReportProof, 'recent'>) {
  const paged = usePaged(recent, 12)
  if (recent.length === 0) return null
  return (
    <section>
      <h4 className="h">
        First seen in the last days <small>listed, never silently granted</small>
      </h4>
      <ul className="ev">
        {paged.shown.map(({ behaviour, first, file, line }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: behaviour has no id and never moves
          <li key={at}>
            <bdi>{clean(behaviour)}</bdi>, {timeText(first)} UTC
            <code className="p">{place({ file, line })}</code>
          </li>
        ))}
      </ul>
      <More paged={paged} noun="behaviours" />
    </section>
  )
}
