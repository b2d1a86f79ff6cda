import { type KeyboardEvent, useMemo, useRef } from 'react'
import { type Hold, type Section, sectionOf } from '../hull/section.ts'
import { percent } from '../model/numbers.ts'
import { type Level, lessText } from '../model/plan.ts'
import { VERDICT_WORDS } from './marks.tsx'
import { useWidth } from './measure.ts'
import { clean } from './text.tsx'

interface PlanShipProps {
  readonly levels: readonly Level[]
  readonly opened: number | undefined
  readonly onOpen: (at: number) => void
}

/** The ship from its side: behind each change the water stands lower. The list below it says the same. */
export function PlanShip({ levels, opened, onOpen }: PlanShipProps) {
  const figure = useRef<HTMLElement>(null)
  const width = useWidth(figure, 1220)
  const section = useMemo(() => sectionOf(levels, width), [levels, width])
  const { bow, deck, keel, height, holds, shell } = section
  const verdictOf = ({ at }: Hold) => (at === undefined ? undefined : levels[at]?.step.proof.verdict)
  const stop = Math.max(
    1,
    holds.findIndex(({ at }) => at !== undefined && at === opened),
  )
  const move = (event: KeyboardEvent<SVGSVGElement>): void => {
    const sign = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const rooms = [...event.currentTarget.querySelectorAll<SVGGElement>('[data-hold]')]
    const next = rooms[rooms.indexOf((event.target as Element).closest('[data-hold]') as SVGGElement) + (sign ?? 0)]
    if (sign === undefined || !next) return
    event.preventDefault()
    next.focus()
  }
  const last = levels.at(-1)
  const isOpen = levels.some(({ step }) => step.proof.verdict === 'unknown')
  return (
    <figure className="tide" ref={figure}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing of buttons is a group of them */}
      <svg
        className="sec"
        role="group"
        viewBox={`0 0 ${width} ${height}`}
        style={{ aspectRatio: `${width} / ${height}` }}
        onKeyDown={move}
        aria-label={`The ship from its side: behind each change the water stands lower, ${percent(last?.after ?? 1)} of the risk at the end. The list below says the same.`}
      >
        <defs>
          <clipPath id="side">
            <path d={shell} />
          </clipPath>
        </defs>
        <g clipPath="url(#side)">
          <rect className="sea" x="0" y={deck} width={width} height={keel - deck} />
          <rect className="fill entry" x="0" y={deck} width={bow} height={keel - deck} />
          {holds.map((hold) => (
            <Water key={hold.label} hold={hold} keel={keel} />
          ))}
          {holds.map((hold) => (
            <line
              key={hold.label}
              className={`wall${verdictOf(hold) === 'unknown' ? ' open' : ''}${verdictOf(hold) === 'breaks' ? ' breaks' : ''}`}
              x1={hold.x}
              x2={hold.x}
              y1={deck}
              y2={keel}
            />
          ))}
        </g>
        <path className="shell" d={shell} />
        {holds.map((hold, place) => (
          <HoldPart
            key={hold.label}
            hold={hold}
            level={hold.at === undefined ? undefined : levels[hold.at]}
            section={section}
            isLast={place === holds.length - 1}
            isOn={hold.at !== undefined && hold.at === opened}
            isStop={place === stop}
            onOpen={onOpen}
          />
        ))}
      </svg>
      <figcaption>
        <span className="key">
          <i className="kb fill s5" aria-hidden="true" />
          risk left
        </span>
        <span className="key">
          <i className="kb fill gone" aria-hidden="true" />
          what a change removes
        </span>
        {isOpen ? (
          <span className="key">
            <i className="kw" aria-hidden="true" />
            unproven: not known whether it breaks anything
          </span>
        ) : null}
      </figcaption>
    </figure>
  )
}

interface HoldProps {
  readonly hold: Hold
  readonly level: Level | undefined
  readonly section: Section
  readonly isLast: boolean
  readonly isOn: boolean
  readonly isStop: boolean
  readonly onOpen: (at: number) => void
}

/** What stands over and under a hold; the hold of a change opens it. */
function HoldPart({ hold, level, section: { deck, keel, height }, isLast, isOn, isStop, onOpen }: HoldProps) {
  const { at, x, width, after } = hold
  const verdict = level?.step.proof.verdict
  const labels = <Labels hold={hold} verdict={verdict} isLast={isLast} deck={deck} keel={keel} />
  if (!level || !verdict || at === undefined) return labels
  const { rank, title, risk } = level.step
  const words = `Change ${rank}: ${clean(title)}, removes ${percent(risk.share)}, ${percent(after)} is left, ${VERDICT_WORDS[verdict]}`
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      data-hold=""
      role="button"
      tabIndex={isStop ? 0 : -1}
      aria-label={words}
      aria-pressed={isOn}
      onClick={() => onOpen(at)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onOpen(at)
      }}
    >
      <title>{words}</title>
      <rect className="hit" x={x + 1} y="1" width={width - 2} height={height - 2} />
      {isOn ? <rect className="mark" x={x + 3} y={deck - 1} width={width - 6} height={keel - deck + 2} /> : null}
      {labels}
    </g>
  )
}

function Water({ hold: { x, width, high, low }, keel }: { hold: Hold; keel: number }) {
  return (
    <>
      <rect className="fill gone" x={x} y={high} width={width} height={low - high} />
      <rect className="fill left" x={x} y={low} width={width} height={keel - low} />
      {low > high ? <line className="line" x1={x} x2={x + width} y1={high} y2={high} /> : null}
    </>
  )
}

interface LabelsProps {
  readonly hold: Hold
  readonly verdict: keyof typeof VERDICT_WORDS | undefined
  readonly isLast: boolean
  readonly deck: number
  readonly keel: number
}

function Labels({ hold: { x, width, label, before, after, at }, verdict, isLast, deck, keel }: LabelsProps) {
  const middle = x + width / 2
  const isTight = width < 52
  const removed = before - after
  const below = isTight && at !== undefined && !isLast ? undefined : percent(after)
  return (
    <>
      {verdict && !isTight ? (
        <use href={`#g-${verdict}`} className={verdict} x={middle - 17} y={deck - 39} width="14" height="14" />
      ) : null}
      {verdict && isTight ? (
        <use href={`#g-${verdict}`} className={verdict} x={middle - 6} y={deck - 20} width="12" height="12" />
      ) : null}
      <text
        className="rank"
        x={verdict && !isTight ? middle + 3 : middle}
        y={deck - 27}
        textAnchor={verdict && !isTight ? 'start' : 'middle'}
      >
        {label}
      </text>
      {removed > 0 && !isTight ? (
        <text className="less" x={middle} y={deck - 9} textAnchor="middle">
          {lessText(removed)}
        </text>
      ) : null}
      {below === undefined ? null : (
        <text className="rest" x={middle} y={keel + 18} textAnchor="middle">
          {below}
        </text>
      )}
    </>
  )
}
