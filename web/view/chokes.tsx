import { nodeText } from '../../src/report/words.ts'
import { amount } from '../model/numbers.ts'
import type { Choke } from '../model/radius.ts'
import { More, usePaged } from './lists.tsx'
import { clean } from './text.tsx'

interface ChokesProps {
  readonly chokes: readonly Choke[]
  readonly controlled: number
  readonly marked: Choke | undefined
  readonly onMark: (choke: Choke | undefined) => void
}

/** Nodes that every way to some controlled assets passes: where one closed door would leave most of them dry. */
export function Chokes({ chokes, controlled, marked, onMark }: ChokesProps) {
  const paged = usePaged(chokes, 5)
  if (chokes.length === 0) return null
  return (
    <section aria-labelledby="chokes">
      <h3 className="h" id="chokes">
        Choke points <small>every way to the assets behind passes here</small>
      </h3>
      <ul className="chokes">
        {paged.shown.map((choke) => (
          <li key={choke.node}>
            <button
              type="button"
              aria-pressed={choke === marked}
              onClick={() => onMark(choke === marked ? undefined : choke)}
            >
              <span className="nm">{clean(nodeText(choke.node))}</span>
              <span className="num">{amount(choke.assets.length, 'asset')}</span>
              <span className="lv" aria-hidden="true">
                <span className="fill" style={{ width: `${(100 * choke.assets.length) / Math.max(1, controlled)}%` }} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <More paged={paged} noun="choke points" />
    </section>
  )
}
