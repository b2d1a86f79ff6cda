import { useDeferredValue, useMemo, useState } from 'react'
import type { Report, ReportAsset } from '../../src/report/report.ts'
import { haystack, search } from '../model/find.ts'
import { GRAVEST } from '../model/names.ts'
import { amount, chanceText } from '../model/numbers.ts'
import { type Order, ordered } from '../model/order.ts'
import type { Radius, Reached } from '../model/radius.ts'
import { Heading, More, moveAmong, Search, usePaged } from './lists.tsx'
import { KindMark, UnknownMark } from './marks.tsx'
import { clean } from './text.tsx'

export interface Narrowed {
  readonly title: string
  readonly assets: ReadonlySet<number>
}

interface ReachTableProps {
  readonly report: Report
  readonly radius: Radius
  readonly entry: string
  readonly selected: number | undefined
  readonly onSelect: (asset: number) => void
  readonly narrowed: Narrowed | undefined
  readonly onWiden: () => void
}

type Column = 'asset' | 'reach' | 'chance' | 'value' | 'steps'

/** The same as the drawing, in words: every asset within reach. */
export function ReachTable(props: ReachTableProps) {
  const { report, radius, entry, selected, onSelect, narrowed, onWiden } = props
  const [query, setQuery] = useState('')
  const [order, setOrder] = useState<Order<Column>>({ by: 'reach', down: true })
  const wanted = useDeferredValue(query)
  const reached = useMemo(() => [...radius.control, ...radius.contact], [radius])
  const textOf = useMemo(
    () => haystack(({ asset, by }: Reached) => `${(report.assets[asset] as ReportAsset).title} ${by.join(' ')}`),
    [report],
  )
  const rows = useMemo(() => {
    const kept = narrowed ? reached.filter(({ asset }) => narrowed.assets.has(asset)) : reached
    return ordered(search(kept, wanted, textOf), order.down, rankBy(report, order.by))
  }, [reached, narrowed, wanted, textOf, order, report])
  const paged = usePaged(rows, 25)
  const heading = { order, onOrder: setOrder }
  return (
    <div className="reach">
      <div className="filters">
        <h3 className="h" id="reach-title">
          The same as a table{' '}
          <small>
            {amount(reached.length, 'asset')} within reach of <bdi>{clean(entry)}</bdi>
          </small>
        </h3>
        <span className="sp" />
        {narrowed ? (
          <span className="chip">
            {clean(narrowed.title)}, {amount(narrowed.assets.size, 'asset')}
            <button type="button" className="link" onClick={onWiden}>
              show all
            </button>
          </span>
        ) : null}
        {reached.length > 12 ? (
          <Search label="Find an asset or a kind of step" value={query} onValue={setQuery} />
        ) : null}
      </div>
      {reached.length === 0 ? (
        <p className="mute">Nothing is within reach: no step leads on from here, as far as the input shows.</p>
      ) : (
        <table className="tb" aria-labelledby="reach-title" onKeyDown={moveAmong}>
          <thead>
            <tr>
              <Heading {...heading} by="asset" text>
                Asset
              </Heading>
              <Heading {...heading} by="reach" className="c2 left">
                Reach
              </Heading>
              <Heading {...heading} by="chance">
                Chance
              </Heading>
              <Heading {...heading} by="value">
                Value
              </Heading>
              <Heading {...heading} by="steps">
                Steps
              </Heading>
              <th scope="col" className="c2">
                By
              </th>
            </tr>
          </thead>
          <tbody>
            {paged.shown.map((each, at) => (
              <Row
                key={each.asset}
                reached={each}
                asset={report.assets[each.asset] as ReportAsset}
                isSelected={each.asset === selected}
                isFirst={at === 0}
                onSelect={onSelect}
              />
            ))}
          </tbody>
        </table>
      )}
      <More paged={paged} noun="assets within reach" />
      {radius.dry.length > 0 ? <Dry report={report} dry={radius.dry} /> : null}
    </div>
  )
}

interface RowProps {
  readonly reached: Reached
  readonly asset: ReportAsset
  readonly isSelected: boolean
  readonly isFirst: boolean
  readonly onSelect: (asset: number) => void
}

function Row({ reached, asset, isSelected, isFirst, onSelect }: RowProps) {
  const { chance, certain, steps, by } = reached
  return (
    <tr className={isSelected ? 'sel' : ''}>
      <th scope="row">
        <span className="named">
          <KindMark kind={asset.kind} />
          <button
            type="button"
            className="plain"
            data-row=""
            tabIndex={isFirst ? 0 : -1}
            aria-pressed={isSelected}
            onClick={() => onSelect(reached.asset)}
          >
            <bdi>{clean(asset.title)}</bdi>
          </button>
        </span>
        {certain < chance ? (
          <span className="narrow-only">
            <UnknownMark />
          </span>
        ) : null}
      </th>
      <td className="c2">
        <span className="word">{chance === 1 ? 'control' : 'contact'}</span>
        {certain < chance ? <UnknownMark /> : null}
      </td>
      <td className="num">{chanceText(chance)}</td>
      <td className="num">{asset.value}</td>
      <td className="num">{steps}</td>
      <td className="c2 by">
        {by.length === 0 ? <span className="dim">its own</span> : <code>{clean(by.join(' > '))}</code>}
      </td>
    </tr>
  )
}

function Dry({ report, dry }: { report: Report; dry: readonly number[] }) {
  const paged = usePaged(dry, 60)
  return (
    <details className="dry-list">
      <summary>{amount(dry.length, 'dry asset')}: no way found</summary>
      <p className="mute">
        {paged.shown.map((at, place) => (
          <span key={at}>
            {place === 0 ? '' : ' · '}
            <bdi>{clean((report.assets[at] as ReportAsset).title)}</bdi>
          </span>
        ))}
      </p>
      <More paged={paged} noun="dry assets" />
    </details>
  )
}

/** By reach: what is controlled first, then the greatest loss, then the gravest kind, then the nearest. */
function rankBy(report: Report, by: Column): (reached: Reached) => number | string {
  const assetOf = ({ asset }: Reached): ReportAsset => report.assets[asset] as ReportAsset
  switch (by) {
    case 'asset':
      return (reached) => assetOf(reached).title
    case 'reach':
      return (reached) =>
        (reached.chance === 1 ? 1e9 : 0) +
        Math.min(1e5, reached.chance * assetOf(reached).value) * 1e3 -
        GRAVEST.indexOf(assetOf(reached).kind) * 10 -
        Math.min(9, reached.steps)
    case 'chance':
      return ({ chance }) => chance
    case 'value':
      return (reached) => assetOf(reached).value
    case 'steps':
      return ({ steps }) => steps
  }
}
