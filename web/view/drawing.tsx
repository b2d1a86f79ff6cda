import { useMemo, useRef, useState } from 'react'
import type { Report, ReportAsset, ReportEntry } from '../../src/report/report.ts'
import { nodeText } from '../../src/report/words.ts'
import type { Compartment } from '../hull/compartments.ts'
import { hullOf } from '../hull/hull.ts'
import { routeTo } from '../hull/route.ts'
import { assetLabels, entryWords, nameOf } from '../model/names.ts'
import type { Choke, Radius } from '../model/radius.ts'
import { certainPathTo, exposureOf, pathTo } from '../model/told.ts'
import type { Walk } from '../model/walk.ts'
import { Chokes } from './chokes.tsx'
import { HullDrawing, type HullProps } from './hull.tsx'
import { Legend } from './legend.tsx'
import { useNarrow, useWidth } from './measure.ts'
import { PathPanel } from './path.tsx'
import type { Narrowed } from './reach-table.tsx'
import { Ship } from './ship.tsx'
import { clean } from './text.tsx'

interface DrawingProps {
  readonly report: Report
  readonly walk: Walk
  readonly entry: ReportEntry
  readonly radius: Radius
  /** Assets to which a step of the plan cuts the best way. */
  readonly cut: ReadonlySet<number> | undefined
  readonly selected: number | undefined
  readonly onSelect: (asset: number) => void
  readonly narrowed: Narrowed | undefined
  readonly onNarrow: (by: Narrowed | undefined) => void
}

/** The ship with the path to one asset beside it. */
export function Drawing(props: DrawingProps) {
  const { report, walk, entry, radius, cut, selected, onSelect, narrowed, onNarrow } = props
  const figure = useRef<HTMLElement>(null)
  const width = useWidth(figure, 860)
  const isNarrow = useNarrow()
  const [position, setPosition] = useState({ asset: selected, step: 1 })
  const [choke, setChoke] = useState<Choke>()
  const labels = useMemo(() => assetLabels(report), [report])
  const hull = useMemo(() => hullOf(report, labels, radius, width), [report, labels, radius, width])
  const reached = selected === undefined ? undefined : radius.of[selected]
  const steps = useMemo(() => (reached ? pathTo(walk, radius, reached.asset) : []), [walk, radius, reached])
  const route = useMemo(() => reached && routeTo(hull, reached.asset, reached.steps), [hull, reached])
  const step = position.asset === selected ? position.step : 1
  const titleOf = (asset: number): string => (report.assets[asset] as ReportAsset).title
  const { text } = nameOf(entry.id)
  const drawn: HullProps = {
    hull,
    entry: text,
    counts: { control: radius.control.length, contact: radius.contact.length, dry: radius.dry.length },
    route,
    step,
    selected,
    marked: choke ? new Set(choke.assets) : cut,
    nameOf: titleOf,
    kindOf: (asset) => (report.assets[asset] as ReportAsset).kind,
    onSelect: (asset, compartment) => {
      onSelect(asset)
      onNarrow(compartment && narrowing(compartment))
    },
  }
  return (
    <div className="rg">
      <figure className="ship" ref={figure}>
        {isNarrow ? <Ship {...drawn} /> : <HullDrawing {...drawn} />}
        <Legend radius={radius} />
      </figure>
      <aside aria-label="Path and choke points">
        {reached ? (
          <PathPanel
            from={text}
            to={titleOf(reached.asset)}
            chance={reached.chance}
            steps={steps}
            certain={certainPathTo(walk, radius, reached.asset)}
            exposure={exposureOf(walk, entry.id)}
            how={`Taken as given: ${entryWords(entry)}.`}
            step={step}
            onStep={(next) => setPosition({ asset: selected, step: next })}
          />
        ) : (
          <section className="path">
            <h3 className="h">Path</h3>
            <p className="mute">
              {selected === undefined
                ? 'Nothing is within reach of this entry, as far as the input shows.'
                : `${clean(titleOf(selected))} is dry: no way leads there from ${clean(text)}, as far as the input shows.`}
            </p>
          </section>
        )}
        <Chokes
          chokes={radius.chokes}
          controlled={radius.control.length}
          marked={choke}
          onMark={(next) => {
            setChoke(next)
            onNarrow(next && { title: `Behind ${nodeText(next.node)}`, assets: new Set(next.assets) })
          }}
        />
        {narrowed ? <p className="vh" aria-live="polite">{`The table shows: ${clean(narrowed.title)}`}</p> : null}
      </aside>
    </div>
  )
}

/** Where one room stands for several assets, the table shows just these. */
function narrowing({ label, assets }: Compartment): Narrowed | undefined {
  return assets.length > 1 ? { title: label, assets: new Set(assets) } : undefined
}
