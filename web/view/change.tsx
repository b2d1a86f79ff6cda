import { useMemo } from 'react'
import type { Relief } from '../../src/plan/ports.ts'
import type { ReportStep } from '../../src/report/plan.ts'
import type { Report } from '../../src/report/report.ts'
import { nameOf } from '../model/names.ts'
import { amount, grouped, percent } from '../model/numbers.ts'
import { edgeParts, edgeText, type Level, objectsOf } from '../model/plan.ts'
import { JOINTS } from '../model/radius.ts'
import { DiffView, Raw } from './diff.tsx'
import { Bars, More, usePaged } from './lists.tsx'
import { MiniHull } from './mini-hull.tsx'
import { ProofBlock } from './proof.tsx'
import { clean, Id, Said } from './text.tsx'

interface ChangeProps {
  readonly report: Report
  readonly level: Level
  readonly onShow: (step: ReportStep) => void
}

/** One change: what it does to whom, in which files, what history says of it, and which steps of an attacker it closes. */
export function Change({ report, level: { step, before, after }, onShow }: ChangeProps) {
  const { rank, id, title, owner, risk, relief, patches, deletes, objects, notes, cuts, adds, proof } = step
  const canShow = report.graph !== undefined && cuts.length > 0
  return (
    <article className="change" aria-labelledby={`change-${rank}`}>
      <header>
        <p className="crumb">
          Change {rank} · <code>{clean(id)}</code>
          {owner === undefined ? '' : ` · ${clean(owner)}`}
        </p>
        <h3 id={`change-${rank}`}>
          <bdi>{clean(title)}</bdi>
        </h3>
        <p className="mute">
          Removes <b>{percent(risk.share)}</b> of the risk{rank === 1 ? '' : `, of which ${percent(before)} was left`};{' '}
          {percent(after)} is left after it. One breach is then expected to cost {percent(risk.after)} of all value, not{' '}
          {percent(risk.before)}.
        </p>
        {canShow ? (
          <p className="acts">
            <button type="button" className="btn" onClick={() => onShow(step)}>
              Show on the ship what it cuts
            </button>
          </p>
        ) : null}
      </header>
      <ReliefTable relief={relief} rank={rank} assets={report.assets.length} />
      <section>
        <h4 className="h">
          Your files <small>{patches.length === 0 ? 'no file can be patched' : amount(patches.length, 'file')}</small>
        </h4>
        {patches.map((patch) => (
          <DiffView key={patch.file} patch={patch} />
        ))}
        {objects.length === 0 ? null : (
          <details open={patches.length === 0}>
            <summary>{amount(objects.length, 'object')} to apply, whole</summary>
            {objects.slice(0, MOST).map((object, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: objects never move
              <Raw key={at} text={JSON.stringify(object, null, 2)} label="Object to apply" />
            ))}
            {objects.length > MOST ? <p className="rest">and {grouped(objects.length - MOST)} more</p> : null}
          </details>
        )}
      </section>
      {deletes.length === 0 ? null : (
        <section>
          <h4 className="h">To delete</h4>
          <ul>
            {objectsOf({ objects: [], deletes }).map((name) => (
              <li key={name}>
                <code>{clean(name)}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {notes.length === 0 ? null : (
        <ul className="notes">
          {notes.map((note) => (
            <li key={note} className="note">
              {clean(note)}
            </li>
          ))}
        </ul>
      )}
      <ProofBlock proof={proof} />
      <Edges title="Closed" none="No step of an attacker is closed." edges={cuts} report={report} />
      {adds.length === 0 ? null : <Edges title="Opened" none="" edges={adds} report={report} />}
    </article>
  )
}

const MOST = 20

/** Edges that only join two others tell least. */
const isJoint = (id: string): boolean => JOINTS.has(id.slice(0, id.indexOf('|')))

/** What the entries that lose most by the change reach before and after it; the first of them as two ships. */
function ReliefTable({ relief, rank, assets }: { relief: readonly Relief[]; rank: number; assets: number }) {
  const first = relief[0]
  if (!first) return null
  const counts = ({ controls, contacts }: Relief['before']) => ({
    control: controls,
    contact: contacts,
    dry: Math.max(0, assets - controls - contacts),
  })
  return (
    <section>
      <h4 className="h">
        Before and after <small>{rank === 1 ? '' : `with the changes before it made`}</small>
      </h4>
      <div className="pair">
        {(['before', 'after'] as const).map((when) => (
          <figure key={when}>
            <MiniHull counts={counts(first[when])} />
            <figcaption>
              <b>{when === 'before' ? 'Before' : 'After'}</b>
              <span>
                <Said text={nameOf(first.entry).text} />: {grouped(first[when].controls)} under control,{' '}
                {grouped(first[when].contacts)} in contact
              </span>
            </figcaption>
          </figure>
        ))}
      </div>
      <table className="tb relief">
        <thead>
          <tr>
            <th scope="col">If breached</th>
            <th scope="col" className="num">
              Controls
            </th>
            <th scope="col" className="num">
              In contact
            </th>
            <th scope="col" className="num">
              Expected loss
            </th>
          </tr>
        </thead>
        <tbody>
          {relief.slice(0, MOST).map(({ entry, before, after }) => (
            <tr key={entry}>
              <th scope="row">
                <Id id={entry} plain />
                <Bars before={before.loss} after={after.loss} />
              </th>
              <Fell before={grouped(before.controls)} after={grouped(after.controls)} />
              <Fell before={grouped(before.contacts)} after={grouped(after.contacts)} />
              <Fell before={percent(before.loss)} after={percent(after.loss)} />
            </tr>
          ))}
        </tbody>
      </table>
      {relief.length > MOST ? <p className="rest">and {grouped(relief.length - MOST)} more entries</p> : null}
    </section>
  )
}

function Fell({ before, after }: { before: string; after: string }) {
  return (
    <td className="num">
      {before === after ? (
        <span className="dim">{after}</span>
      ) : (
        <>
          <span className="dim">{before} →</span> <b>{after}</b>
        </>
      )}
    </td>
  )
}

interface EdgesProps {
  readonly title: string
  readonly none: string
  readonly edges: readonly string[]
  readonly report: Report
}

function Edges({ title, none, edges, report: { graph } }: EdgesProps) {
  const nodes = useMemo(() => new Set(graph?.nodes), [graph])
  const sorted = useMemo(() => edges.toSorted((a, b) => Number(isJoint(a)) - Number(isJoint(b))), [edges])
  const paged = usePaged(sorted, MOST)
  return (
    <section>
      <h4 className="h">
        {title}{' '}
        <small>{edges.length === 0 ? '' : amount(edges.length, 'step of an attacker', 'steps of an attacker')}</small>
      </h4>
      {edges.length === 0 ? <p className="mute">{none}</p> : null}
      <ul className="edges">
        {paged.shown.map((id) => {
          const parts = edgeParts(id, (node) => nodes.has(node))
          return (
            <li key={id}>
              <code>{clean(parts.kind)}</code>
              <bdi>{clean(edgeText(parts, graph?.titles ?? {}))}</bdi>
            </li>
          )
        })}
      </ul>
      <More paged={paged} noun="steps" />
    </section>
  )
}
