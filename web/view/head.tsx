import { idParts } from '../../src/cluster/object.ts'
import type { Report } from '../../src/report/report.ts'
import { shortName } from '../../src/report/sentence.ts'
import { amount, percent, shareOf } from '../model/numbers.ts'
import { MiniHull } from './mini-hull.tsx'
import { clean, Said } from './text.tsx'

/** The answer in one sentence, what it is worth, and what it rests on. */
export function Head({ report }: { report: Report }) {
  const { risk, entries, assets } = report
  const top = entries[0]
  return (
    <section className="lede" aria-labelledby="sentence">
      <div className="say">
        <h1 id="sentence">
          <Sentence report={report} />
        </h1>
        {entries.length === 0 ? null : (
          <>
            <p className="sub">
              One breach, wherever it starts, is expected to cost <b>{percent(risk.total)}</b> of all value.
              {risk.assumed > 0
                ? ` ${percent(shareOf(risk.assumed, risk.total))} of that rests on what is not known.`
                : ''}
            </p>
            <RiskBar total={risk.total} assumed={risk.assumed} />
          </>
        )}
      </div>
      {top ? (
        <figure className="now">
          <MiniHull
            counts={{
              control: top.controls,
              contact: top.contacts,
              dry: assets.length - top.controls - top.contacts,
            }}
          />
          <figcaption>
            <b>
              <Said text={idParts(top.id).name} />
            </b>{' '}
            {amount(top.controls, 'asset')} under control, {top.contacts} in contact,{' '}
            {assets.length - top.controls - top.contacts} dry
          </figcaption>
        </figure>
      ) : null}
      <Facts report={report} />
    </section>
  )
}

/** The sentence with its entry in red lead and its count in weight; the words are the report's own. */
function Sentence({ report: { sentence, entries } }: { report: Report }) {
  const first = entries[0]
  const name = first ? shortName(first.id, entries) : ''
  const at = name === '' ? -1 : sentence.indexOf(name)
  if (at < 0) return clean(sentence)
  const after = sentence.slice(at + name.length)
  const count = /[\d,]+ of [\d,]+ assets|none of the [\d,]+ assets/.exec(after)
  return (
    <>
      {clean(sentence.slice(0, at))}
      <b className="who">
        <Said text={name} />
      </b>
      {count ? (
        <>
          {clean(after.slice(0, count.index))}
          <b>{count[0]}</b>
          {clean(after.slice(count.index + count[0].length))}
        </>
      ) : (
        clean(after)
      )}
    </>
  )
}

/** Of all value: what is lost for certain, and hatched what rests on unknown steps. */
function RiskBar({ total, assumed }: { total: number; assumed: number }) {
  const sure = Math.max(0, total - assumed)
  return (
    <div className="riskbar">
      <div className="track" aria-hidden="true">
        <span className="fill sure" style={{ width: `${sure * 100}%` }} />
        <span className="fill maybe hatch" style={{ width: `${Math.min(assumed, total) * 100}%` }} />
      </div>
      <p className="dim">
        <span className="key">
          <i className="kb s5" aria-hidden="true" />
          {percent(sure)} on known steps
        </span>
        {assumed > 0 ? (
          <span className="key">
            <i className="kb hatch" aria-hidden="true" />
            {percent(assumed)} on unknown steps, walked as if present
          </span>
        ) : null}
        <span className="key">bar: all value</span>
      </p>
    </div>
  )
}

const WHOSE: Readonly<Record<Report['kubernetes']['from'], string>> = {
  flag: 'as asked for',
  server: 'as its API server says',
  node: 'as its nodes say',
  default: 'assumed: nothing in the input says',
}

function Facts({ report: { kubernetes, inputs, coverage, applications, entries, assets } }: { report: Report }) {
  const { workloads } = coverage
  return (
    <dl className="facts">
      <div>
        <dt>Kubernetes</dt>
        <dd>
          {clean(kubernetes.text)} <span className="dim">{WHOSE[kubernetes.from]}</span>
        </dd>
      </div>
      <div>
        <dt>Read</dt>
        <dd>
          {amount(inputs.objects, 'object')} in {amount(inputs.files, 'file')}
          {inputs.unreadable.length > 0 ? (
            <>
              ; <a href="#unreadable">{inputs.unreadable.length} could not be read</a>
            </>
          ) : null}
        </dd>
      </div>
      <div>
        <dt>Seen</dt>
        <dd>
          {amount(inputs.namespaces, 'namespace')}, {amount(inputs.workloads, 'workload')},{' '}
          {inputs.nodes === 0 ? 'no node' : amount(inputs.nodes, 'node')}
        </dd>
      </div>
      <div>
        <dt>Mapped</dt>
        <dd>
          {amount(applications.length, 'application')} with {percent(shareOf(workloads.resolved, workloads.resources))}{' '}
          of the workloads, {amount(assets.length, 'asset')}, {amount(entries.length, 'entry', 'entries')}
        </dd>
      </div>
    </dl>
  )
}
