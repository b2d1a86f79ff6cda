import { type KeyboardEvent, useRef, useState } from 'react'
import type { Compartment } from '../hull/compartments.ts'
import { type Direction, nextPlace, outline, type Rect } from '../hull/geometry.ts'
import { type Hull, shell } from '../hull/hull.ts'
import type { Route } from '../hull/route.ts'
import { grouped } from '../model/numbers.ts'
import { Bow, Captions, Walls } from './hull-frame.tsx'
import { CellPart, Chosen, DryPart, RoomPart, RoutePart } from './hull-parts.tsx'

export interface HullProps {
  readonly hull: Hull
  readonly entry: string
  readonly counts: { readonly control: number; readonly contact: number; readonly dry: number }
  readonly route: Route | undefined
  /** The step of the route that the path panel shows. */
  readonly step: number
  readonly selected: number | undefined
  /** Assets behind the choke point that was asked for. */
  readonly marked: ReadonlySet<number> | undefined
  readonly nameOf: (asset: number) => string
  readonly kindOf: (asset: number) => string
  readonly onSelect: (asset: number, compartment: Compartment | undefined) => void
}

const MARGIN = { x: 3, top: 26 } as const

/** What every part of the drawing needs to know of the others. */
export interface PartProps {
  readonly props: HullProps
  /** 0 for the one room that the tab key stops at, else -1. */
  readonly tabOf: (box: Rect) => number
}

/** The plan of the ship. The table below it says the same; here arrows move from room to room. */
export function HullDrawing(props: HullProps) {
  const { hull, counts, entry } = props
  const drawing = useRef<SVGSVGElement>(null)
  const [focused, setFocused] = useState<number>()
  const roomsNow = (): readonly SVGGElement[] => [
    ...(drawing.current?.querySelectorAll<SVGGElement>('[data-room]') ?? []),
  ]
  const places = placesOf(hull)
  const isSelected = (assets: readonly number[]): boolean =>
    props.selected !== undefined && assets.includes(props.selected)
  const stop = Math.max(
    0,
    places.findIndex(({ assets }) => isSelected(assets)),
  )
  const part: PartProps = { props, tabOf: (box) => (box === places[stop]?.box ? 0 : -1) }
  const move = (event: KeyboardEvent): void => {
    const direction = ARROWS[event.key]
    const rooms = roomsNow()
    const here = rooms.indexOf((event.target as Element).closest('[data-room]') as SVGGElement)
    if (!direction || here < 0) return
    const target = nextPlace(
      places.map(({ box }) => box),
      here,
      direction,
    )
    event.preventDefault()
    if (target === undefined) return
    for (const [place, room] of rooms.entries()) room.setAttribute('tabindex', place === target ? '0' : '-1')
    rooms[target]?.focus()
  }
  const width = hull.width + 2 * MARGIN.x
  const height = hull.height + MARGIN.top + (hull.hold ? (hull.contact ? 42 : 22) : 6)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing of buttons is a group of them
    <svg
      ref={drawing}
      className="hull"
      role="group"
      viewBox={`${-MARGIN.x} ${-MARGIN.top} ${width} ${height}`}
      style={{ aspectRatio: `${width} / ${height}` }}
      onKeyDown={move}
      onFocus={({ target }) =>
        setFocused(target.matches(':focus-visible') ? roomsNow().indexOf(target as never) : undefined)
      }
      onBlur={() => setFocused(undefined)}
      aria-label={`Plan of the ship: ${entry} at the bow, ${grouped(counts.control)} assets under control, ${grouped(counts.contact)} in contact, ${grouped(counts.dry)} dry. The table below says the same.`}
    >
      <defs>
        <clipPath id="shell">
          <path d={shell(hull)} />
        </clipPath>
      </defs>
      <Captions hull={hull} counts={counts} />
      <g clipPath="url(#shell)">
        <rect className="sea" x="0" y="0" width={hull.width} height={hull.height} />
        <rect className="fill entry" x="0" y="0" width={hull.bow} height={hull.height} />
        {hull.contact?.passages.map((passage) => (
          <rect key={passage.y} className="fill entry" {...passage} />
        ))}
        {hull.hold ? <path className="fill entry" d={outline(hull.hold.passage)} /> : null}
        {hull.contact?.cells.map((cell) => (
          <CellPart key={cell.compartment.key} cell={cell} {...part} />
        ))}
        {hull.hold?.rooms.map((room) => (
          <RoomPart key={room.compartment.key} room={room} {...part} />
        ))}
        {hull.stern?.rooms.map((room) => (
          <DryPart key={room.assets[0]} room={room} {...part} />
        ))}
      </g>
      <Walls hull={hull} />
      <Chosen {...props} focused={focused} />
      <path className="shell" d={shell(hull)} />
      <Bow hull={hull} entry={entry} hasRoute={props.route !== undefined} />
      {props.route ? <RoutePart route={props.route} step={props.step} /> : null}
    </svg>
  )
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}

/** Every part that can be chosen, in the order in which it is drawn. */
function placesOf(hull: Hull): readonly { readonly box: Rect; readonly assets: readonly number[] }[] {
  return [
    ...(hull.contact?.cells ?? []).flatMap((cell) => [
      { box: cell.face, assets: cell.compartment.assets.slice(0, cell.behind.length > 0 ? 1 : undefined) },
      ...cell.behind.map(({ asset, box }) => ({ box, assets: [asset] })),
    ]),
    ...(hull.hold?.rooms ?? []).map(({ face, compartment }) => ({ box: face, assets: compartment.assets })),
    ...(hull.stern?.rooms ?? []).map(({ box, assets }) => ({ box, assets })),
  ]
}
