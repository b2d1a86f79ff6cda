import { useState } from 'react'
import type { Report } from '../../src/report/report.ts'
import type { OverloadItem } from '../../src/report/traffic/overload.ts'
import {
  AT_STAKE,
  hitsText,
  overloadSentence,
  sourceParts,
  UNDECIDED,
} from '../../src/report/traffic/overload-words.ts'
import { grouped, percent } from '../model/numbers.ts'
import { runningOf } from '../model/overload.ts'
import { Level, More, moveAmong, usePaged } from './lists.tsx'
import { UnknownMark } from './marks.tsx'
import { Opener, OpeningRow } from './opening-row.tsx'
import { OverloadDetail } from './overload-detail.tsx'
import { clean, Said } from './text.tsx'

interface OverloadProps {
  readonly report: Report
  readonly onEntry: (entry: string) => void
}

/** Who can exhaust what, and whose availability suffers: the third view of the radius, beside outsiders and insiders. */
export function OverloadTable({ report, onEntry }: OverloadProps) {
  const { items, more } = report.overload
  const [opened, setOpened] = useState<OverloadItem>()
  const paged = usePaged(items, 20)
  const running = runningOf(report)
  return (
    <>
      <p className="told">{clean(overloadSentence(items, running))}</p>
      <p className="mute stakes">
        At stake: {AT_STAKE}. It changes no risk.
        {items.some(({ truth }) => truth === 'unknown') ? ` Hatched: unknown, ${UNDECIDED}.` : ''}
      </p>
      <table className="tb overload" onKeyDown={moveAmong} aria-labelledby="overload-title">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Exhausts</th>
            <th scope="col" className="c2">
              Hits
            </th>
            <th scope="col" className="num">
              At stake
            </th>
          </tr>
        </thead>
        <tbody>
          {paged.shown.map((item, at) => {
            const isOpen = opened === item
            return (
              <OpeningRow
                // biome-ignore lint/suspicious/noArrayIndexKey: items have no id and never move
                key={at}
                isOpen={isOpen}
                columns={4}
                inside={() => <OverloadDetail item={item} report={report} running={running} onEntry={onEntry} />}
              >
                <Opener isOpen={isOpen} isFirst={at === 0} onClick={() => setOpened(isOpen ? undefined : item)}>
                  <Who item={item} />
                </Opener>
                <td>
                  <Said text={item.exhausts.title} />
                  {item.truth === 'unknown' ? <UnknownMark /> : null}
                </td>
                <td className="c2">
                  <Said text={hitsText(item)} />
                </td>
                <td className="share">
                  <span>
                    <Level share={item.share} unknown={item.truth === 'unknown'} />
                    {percent(item.share)}
                  </span>
                </td>
              </OpeningRow>
            )
          })}
        </tbody>
      </table>
      <More paged={paged} noun="exhaustions" />
      {more > 0 ? (
        <p className="rest">
          And {grouped(more)} more; all of them: <code>bulkhead traffic overload</code>
        </p>
      ) : null}
    </>
  )
}

function Who({ item }: { item: OverloadItem }) {
  const [before, name, after] = sourceParts(item)
  return (
    <span>
      {before}
      <b>
        <Said text={name} />
      </b>
      <span className="dim of">{after}</span>
    </span>
  )
}
