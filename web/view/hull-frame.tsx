import type { Hull } from '../hull/hull.ts'
import { lines } from '../hull/label.ts'
import { grouped } from '../model/numbers.ts'
import { clean } from './text.tsx'

interface CaptionsProps {
  readonly hull: Hull
  readonly counts: { readonly control: number; readonly contact: number; readonly dry: number }
}

const BY = { asset: '', application: ', drawn by application', namespace: ', drawn by namespace' } as const

/** What the parts of the ship are, above and below it. */
export function Captions({ hull, counts }: CaptionsProps) {
  const { bow, contact, hold, stern, height } = hull
  const control = (
    <>
      Control: no further exploit <tspan className="cx">{grouped(counts.control)}</tspan>
      {BY[hull.level]}
    </>
  )
  return (
    <g className="cap" aria-hidden="true">
      {contact ? (
        <text x={bow} y="-10">
          Contact: one or two more exploits <tspan className="cx">{grouped(counts.contact)}</tspan>
        </text>
      ) : null}
      {stern ? (
        <text x={stern.frame.x + 2} y="-10">
          Dry <tspan className="cx">{grouped(counts.dry)}</tspan>
        </text>
      ) : null}
      {hold ? (
        <>
          <text x={bow} y={contact ? height + 36 : -10}>
            {control}
          </text>
          <text x={bow - 8} y={height + 17} textAnchor="end" className="ax">
            steps
          </text>
          {hold.columns.map(({ steps, x }) => (
            <g key={steps}>
              <path className="tick" d={`M${x} ${height + 4}v5`} />
              <text x={x + 4} y={height + 17} className="ax">
                {steps}
              </text>
            </g>
          ))}
        </>
      ) : null}
    </g>
  )
}

/** Watertight walls with the doors in them; thin lines along the corridors. */
export function Walls({ hull }: { hull: Hull }) {
  const { bow, contact, hold, stern, height } = hull
  const inner = stern ? stern.frame.x : hull.width
  const heavy: string[] = []
  if (contact) {
    const { frame, passages } = contact
    let y = frame.y
    for (const passage of passages) {
      heavy.push(`M${bow} ${y}V${passage.y}`)
      y = passage.y + passage.height
    }
    heavy.push(`M${bow} ${y}V${frame.y + frame.height}H${inner}`)
  }
  if (hold && hold.wall.length > 0) heavy.push(`M${hold.wall.map(({ x, y }) => `${x} ${y}`).join('L')}`)
  if (stern) heavy.push(`M${stern.frame.x} 0V${height}`)
  const isFirst = new Set(hold?.rooms.filter(({ compartment }) => compartment.behind === undefined))
  return (
    <g className="walls" aria-hidden="true">
      {contact?.passages.map(({ x, y, width, height: tall }) => (
        <path key={y} className="thin" d={`M${x} ${y}h${width}M${x} ${y + tall}h${width}`} />
      ))}
      <path className="bulk" d={heavy.join('')} />
      {contact?.cells.map(({ hatch, compartment }) => (
        <g key={compartment.key}>
          <path className="gap ent" d={`M${hatch.x - hatch.size / 2} ${hatch.y}h${hatch.size}`} />
          <path className="forced" d={`M${hatch.x - hatch.size / 2} ${hatch.y}h${hatch.size}`} />
        </g>
      ))}
      {hold?.rooms.map((room) => {
        const { door, compartment } = room
        const opening = `M${door.x} ${door.y - door.size / 2}v${door.size}`
        return (
          <g key={compartment.key}>
            <path className={isFirst.has(room) ? 'gap ent' : 'gap'} d={opening} />
            {compartment.assumed ? <path className="dash" d={opening} /> : null}
          </g>
        )
      })}
    </g>
  )
}

/** The name of the entry, above the line of the path. */
export function Bow({ hull, entry, hasRoute }: { hull: Hull; entry: string; hasRoute: boolean }) {
  const names = lines(clean(entry), hull.bow - 36, 14, 600, 3)
  const base = hull.height / 2 - (hasRoute ? 22 : 2)
  return (
    <g className="en" aria-hidden="true">
      {names.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be equal, and lines never move
        <text key={at} x="26" y={base - (names.length - 1 - at) * 17 - 14} className="big">
          {line}
        </text>
      ))}
      <text x="26" y={base} className="mt">
        the entry
      </text>
    </g>
  )
}
