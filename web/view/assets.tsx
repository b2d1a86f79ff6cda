import { useDeferredValue, useMemo, useState } from 'react'
import type { Report, ReportAsset } from '../../src/report/report.ts'
import { countsBy, haystack, search } from '../model/find.ts'
import { GRAVEST, KIND_WORDS, nameOf } from '../model/names.ts'
import { amount, grouped } from '../model/numbers.ts'
import { type Order, ordered } from '../model/order.ts'
import { Heading, More, moveAmong, Search, Segments, usePaged } from './lists.tsx'
import { KindMark } from './marks.tsx'
import { clean } from './text.tsx'

type Column = 'title' | 'kind' | 'application' | 'value'

const VALUES: Readonly<Record<Column, (asset: ReportAsset) => number | string>> = {
  title: ({ title }) => title,
  kind: ({ kind }) => GRAVEST.indexOf(kind),
  application: ({ application }) => application ?? '\uffff',
  value: ({ value }) => value,
}

const textOf = haystack(({ title, application }: ReportAsset) => `${title} ${application ?? ''}`)

interface AssetsProps {
  readonly report: Report
  readonly onAsset: (asset: string) => void
}

/** All that is worth protecting, with what it counts. */
export function Assets({ report: { assets }, onAsset }: AssetsProps) {
  const [kind, setKind] = useState<string>('all')
  const [query, setQuery] = useState('')
  const [order, setOrder] = useState<Order<Column>>({ by: 'value', down: true })
  const wanted = useDeferredValue(query)
  const counts = useMemo(() => countsBy(assets, (asset) => asset.kind), [assets])
  const total = useMemo(() => assets.reduce((sum, { value }) => sum + value, 0), [assets])
  const rows = useMemo(() => {
    const kept = kind === 'all' ? assets : assets.filter((asset) => asset.kind === kind)
    return ordered(search(kept, wanted, textOf), order.down, VALUES[order.by])
  }, [assets, kind, wanted, order])
  const paged = usePaged(rows, 12)
  const heading = { order, onOrder: setOrder }
  return (
    <>
      <p className="mute">
        {amount(assets.length, 'asset')}, {grouped(Math.round(total))} points of value in all. A value includes no other
        asset’s.
      </p>
      <div className="filters">
        <Segments
          label="Kind of asset"
          value={kind}
          onValue={setKind}
          options={[
            { value: 'all', text: 'All', count: assets.length },
            ...GRAVEST.filter((each) => counts.has(each)).map((each) => ({
              value: each as string,
              text: KIND_WORDS[each].charAt(0).toUpperCase() + KIND_WORDS[each].slice(1),
              count: counts.get(each) ?? 0,
            })),
          ]}
        />
        {assets.length > 12 ? <Search label="Find an asset" value={query} onValue={setQuery} /> : null}
      </div>
      <table className="tb" onKeyDown={moveAmong} aria-labelledby="assets-title">
        <thead>
          <tr>
            <Heading {...heading} by="title" text>
              Asset
            </Heading>
            <Heading {...heading} by="kind" text className="c2">
              Kind
            </Heading>
            <Heading {...heading} by="application" text className="c2">
              Application
            </Heading>
            <Heading {...heading} by="value">
              Value
            </Heading>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map(({ id, title, kind: own, application, value }, at) => (
            <tr key={id}>
              <th scope="row">
                <span className="named">
                  <KindMark kind={own} />
                  <button
                    type="button"
                    className="plain"
                    data-row=""
                    tabIndex={at === 0 ? 0 : -1}
                    onClick={() => onAsset(id)}
                  >
                    <bdi>{clean(title)}</bdi>
                  </button>
                </span>
              </th>
              <td className="c2">{KIND_WORDS[own]}</td>
              <td className="c2">{application === undefined ? '' : <bdi>{clean(nameOf(application).text)}</bdi>}</td>
              <td className="num">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 ? <p className="rest">No asset is named so.</p> : null}
      <More paged={paged} noun="assets" />
    </>
  )
}
