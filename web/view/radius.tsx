import { useMemo, useState } from 'react'
import type { ReportStep } from '../../src/report/plan.ts'
import type { Report, ReportEntry } from '../../src/report/report.ts'
import { cutBy } from '../model/cut.ts'
import { gravest, wayToControlPlane } from '../model/gravest.ts'
import { entryWords, nameOf } from '../model/names.ts'
import { amount, chanceText, grouped, percent, shareOf } from '../model/numbers.ts'
import { type Radius, radiusOf } from '../model/radius.ts'
import type { Walk } from '../model/walk.ts'
import { Chooser } from './chooser.tsx'
import { Drawing } from './drawing.tsx'
import { type Narrowed, ReachTable } from './reach-table.tsx'
import { clean, Said } from './text.tsx'

interface RadiusProps {
  readonly report: Report
  readonly walk: Walk
  readonly entry: ReportEntry
  /** The asset whose path is shown; the gravest where none was chosen. */
  readonly to: string | undefined
  readonly onEntry: (entry: string) => void
  readonly onAsset: (asset: string) => void
  /** The step of the plan whose cuts are shown. */
  readonly cutting: ReportStep | undefined
  readonly onUncut: () => void
}

/** What one entry reaches: the drawing, the way to one asset, and the table of all. */
export function RadiusSection({ report, walk, entry, to, onEntry, onAsset, cutting, onUncut }: RadiusProps) {
  const { assets, entries, risk } = report
  const radius = useMemo(() => radiusOf(walk, assets, entry.id), [walk, assets, entry])
  const places = useMemo(() => new Map(assets.map(({ id }, at) => [id, at])), [assets])
  const cut = useMemo(() => cutting && radius && cutBy(walk, radius, cutting.cuts), [walk, radius, cutting])
  const [narrowed, setNarrowed] = useState<{ entry: string; by: Narrowed }>()
  const { text } = nameOf(entry.id)
  if (!radius) return <p className="note">The graph of this report does not hold {clean(text)}.</p>
  const selected = to === undefined ? gravest(radius, assets, entry) : places.get(to)
  const current = narrowed?.entry === entry.id ? narrowed.by : undefined
  const select = (asset: number): void => onAsset(assets[asset]?.id ?? '')
  return (
    <>
      <div className="rh">
        <div className="ask">
          <div className="from">
            <span className="dim">Radius from</span>
            <Chooser entries={entries} value={entry} totalRisk={risk.total} onChoose={onEntry} />
            <span className="dim">{entryWords(entry)}</span>
          </div>
          <h2 id="radius-title">
            <b className="who">
              <Said text={text} />
            </b>{' '}
            breached:{' '}
            <b>
              {grouped(radius.control.length)} of {grouped(assets.length)}
            </b>{' '}
            under control, <b>{grouped(radius.contact.length)}</b> in contact
          </h2>
        </div>
        <Figures report={report} entry={entry} radius={radius} />
      </div>
      {to !== undefined && selected === undefined ? (
        <p className="note">No asset of this report is called {clean(to)}.</p>
      ) : null}
      {cutting && cut ? (
        <p className="note cutting" aria-live="polite">
          {cut.size === 0
            ? `Change ${cutting.rank} cuts no best way from ${clean(text)}.`
            : `Change ${cutting.rank} cuts the best way to ${grouped(cut.size)} of the ${grouped(radius.control.length + radius.contact.length)} assets within reach, outlined here. Another way may be left.`}{' '}
          <button type="button" className="link" onClick={onUncut}>
            Stop showing it
          </button>
        </p>
      ) : null}
      <Drawing
        key={entry.id}
        report={report}
        walk={walk}
        entry={entry}
        radius={radius}
        cut={cut}
        selected={selected}
        onSelect={select}
        narrowed={current}
        onNarrow={(by) => setNarrowed(by && { entry: entry.id, by })}
      />
      <ReachTable
        report={report}
        radius={radius}
        entry={text}
        selected={selected}
        onSelect={select}
        narrowed={current}
        onWiden={() => setNarrowed(undefined)}
      />
    </>
  )
}

function Figures({ report, entry, radius }: { report: Report; entry: ReportEntry; radius: Radius }) {
  const way = wayToControlPlane(radius, report.assets)
  const assumed = radius.control.filter(({ certain }) => certain < 1).length
  return (
    <dl className="figs">
      <div>
        <dt>Share of the risk</dt>
        <dd>
          <b>{percent(shareOf(entry.weight * entry.risk, report.risk.total))}</b>
        </dd>
      </div>
      <div>
        <dt>Expected loss</dt>
        <dd>
          <b>{percent(entry.risk)}</b> <span className="dim">of all value</span>
        </dd>
      </div>
      <div>
        <dt>To the control plane</dt>
        <dd>
          <b>{way === undefined ? 'no path' : amount(way.steps, 'step')}</b>
          {way && way.chance < 1 ? <span className="dim"> chance {chanceText(way.chance)}</span> : null}
        </dd>
      </div>
      {assumed > 0 ? (
        <div>
          <dt>Only over unknown steps</dt>
          <dd>
            <b>{grouped(assumed)}</b> <span className="dim">under control</span>
          </dd>
        </div>
      ) : null}
    </dl>
  )
}
