import type { KeyboardEvent } from 'react'
import type { Cell } from '../hull/contact.ts'
import { outline, type Point, type Rect } from '../hull/geometry.ts'
import type { Room } from '../hull/hold.ts'
import { fit, lines, textWidth } from '../hull/label.ts'
import type { Route } from '../hull/route.ts'
import type { DryRoom } from '../hull/stern.ts'
import { KIND_WORDS } from '../model/names.ts'
import { amount, chanceText, grouped } from '../model/numbers.ts'
import type { HullProps, PartProps } from './hull.tsx'
import { clean } from './text.tsx'

const SIZE = 12.5
const SMALL = 11.5
const INSET = 14

/** What a room does when it is clicked, or Enter or the space bar is pressed on it. */
function chooses(act: () => void) {
  return {
    onClick: act,
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      act()
    },
  }
}

function classes(kind: string, assets: readonly number[], { props }: PartProps, assumed = false): string {
  const isSelected = props.selected !== undefined && assets.includes(props.selected)
  return `cp ${kind}${isSelected ? ' sel' : ''}${assumed ? ' assumed' : ''}`
}

/** A room under control: water to the top. */
export function RoomPart({ room, ...part }: PartProps & { room: Room }) {
  const { compartment, bands, face } = room
  const { label, note, steps, mark, assets, assumed } = compartment
  const name = clean(label)
  const space = face.width - INSET - 17 - 6
  const shown = fit(name, space, SIZE, 600)
  const rest = space - textWidth(shown, SIZE, 600) - 6
  const words = `${name}${note === '' ? '' : `, ${note}`}, under control, ${amount(steps, 'step')}${assumed ? ', rests on an unknown step' : ''}`
  const top = Math.min(face.height / 2, 18)
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      className={classes('c', assets, part, assumed)}
      data-room=""
      role="button"
      tabIndex={part.tabOf(face)}
      aria-label={words}
      {...chooses(() => part.props.onSelect(assets[0] as number, compartment))}
    >
      <title>{words}</title>
      <path className="fill water s6 body" d={outline(bands)} />
      {assumed ? <path className="fill doubt" d={outline(bands)} /> : null}
      <use
        href={`#k-${mark ?? 'group'}`}
        x={face.x + INSET}
        y={face.y + top - 6}
        width="12"
        height="12"
        className="ki"
      />
      <text x={face.x + INSET + 17} y={face.y + top + 4}>
        <tspan className="nm">{shown}</tspan>
        {note !== '' && textWidth(note, SMALL, 400) <= rest ? (
          <tspan className="of" dx="6">
            {note}
          </tspan>
        ) : null}
      </text>
    </g>
  )
}

export function waterClass(chance: number): string {
  return chance >= 0.3 ? 's4' : chance >= 0.1 ? 's3' : 's2'
}

function Water({ box, chance }: { box: Rect; chance: number }) {
  const height = Math.max(1.5, box.height * chance)
  const level = box.y + box.height - height
  return (
    <>
      <rect className={`fill water ${waterClass(chance)}`} x={box.x} y={level} width={box.width} height={height} />
      <path className="wl" d={`M${box.x} ${level}h${box.width}`} />
    </>
  )
}

/** A room in contact: water as high as the chance; the small rooms behind it stand in a strip. */
export function CellPart({ cell, ...part }: PartProps & { cell: Cell }) {
  const { compartment, box, face, behind, more } = cell
  const { label, note, assets, chance, mark, assumed } = compartment
  const own = behind.length > 0 ? assets.slice(0, 1) : assets
  const words = `${clean(label)}${note === '' ? '' : `, ${note}`}, in contact, chance ${chanceText(chance)}${assumed ? ', rests on an unknown step' : ''}`
  const names = lines(clean(label), face.width - 33, SIZE, 600, 2)
  const { props } = part
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no button */}
      <g
        className={classes('t', own, part, assumed)}
        data-room=""
        role="button"
        tabIndex={part.tabOf(face)}
        aria-label={words}
        {...chooses(() => props.onSelect(assets[0] as number, compartment))}
      >
        <title>{words}</title>
        <rect className="room" {...box} />
        <Water box={face} chance={chance} />
        {assumed ? <rect className="fill doubt" {...face} /> : null}
        <use href={`#k-${mark ?? 'group'}`} x={face.x + 8} y={face.y + 8} width="12" height="12" className="ki" />
        {names.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be equal, and lines never move
          <text key={at} className="nm" x={face.x + 25} y={face.y + 18 + at * 14}>
            {line}
          </text>
        ))}
        <text className="mt" x={face.x + 25} y={face.y + 20 + names.length * 14}>
          {`${note === '' || names.length > 1 ? '' : `${note}, `}chance ${chanceText(chance)}`}
        </text>
      </g>
      {behind.map((small) => {
        const said = `${clean(props.nameOf(small.asset))}, behind ${clean(label)}, in contact, chance ${chanceText(small.chance)}`
        return (
          // biome-ignore lint/a11y/useSemanticElements: SVG has no button
          <g
            key={small.asset}
            className={classes('t small', [small.asset], part)}
            data-room=""
            role="button"
            tabIndex={part.tabOf(small.box)}
            aria-label={said}
            {...chooses(() => props.onSelect(small.asset, undefined))}
          >
            <title>{said}</title>
            <rect className="room" {...small.box} />
            <Water box={small.box} chance={small.chance} />
            <use
              href={`#k-${props.kindOf(small.asset)}`}
              x={small.box.x + 7}
              y={small.box.y + 4}
              width="12"
              height="12"
              className="ki"
            />
          </g>
        )
      })}
      {more ? (
        <text className="mt" x={more.box.x + 6} y={more.box.y + 15}>
          {`${behind.length === 0 ? '' : '+ '}${grouped(more.count)}`}
        </text>
      ) : null}
    </>
  )
}

/** A dry room: its kind, and how many where they are drawn as one. */
export function DryPart({ room, ...part }: PartProps & { room: DryRoom }) {
  const { kind, assets, box } = room
  const first = assets[0] as number
  const words = `${assets.length === 1 ? clean(part.props.nameOf(first)) : amount(assets.length, `asset: ${KIND_WORDS[kind]}`, `assets: ${KIND_WORDS[kind]}`)}, dry`
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const isMany = assets.length > 1
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      className={classes('dry', assets, part)}
      data-room=""
      role="button"
      tabIndex={part.tabOf(box)}
      aria-label={words}
      {...chooses(() => part.props.onSelect(first, undefined))}
    >
      <title>{words}</title>
      <rect className="room" {...box} />
      <use
        href={`#k-${kind}`}
        x={middle.x - 6}
        y={middle.y - (isMany ? 12 : 6)}
        width="12"
        height="12"
        className="ki"
      />
      {isMany ? (
        <text className="mt" x={middle.x} y={middle.y + 12} textAnchor="middle">
          {grouped(assets.length)}
        </text>
      ) : null}
    </g>
  )
}

/** In the order in which rooms are drawn. */
function outlinesOf(hull: HullProps['hull']): readonly { readonly assets: readonly number[]; readonly path: string }[] {
  return [
    ...(hull.contact?.cells ?? []).flatMap(({ compartment, behind, face }) => [
      { assets: behind.length > 0 ? compartment.assets.slice(0, 1) : compartment.assets, path: outline([face]) },
      ...behind.map(({ asset, box }) => ({ assets: [asset], path: outline([box]) })),
    ]),
    ...(hull.hold?.rooms ?? []).map(({ compartment, bands }) => ({ assets: compartment.assets, path: outline(bands) })),
    ...(hull.stern?.rooms ?? []).map(({ assets, box }) => ({ assets, path: outline([box]) })),
  ]
}

/**
 * Outlines of the chosen room, of those behind the choke point, and of the one that has the focus, over the walls of
 * their neighbours. `focused` is a place in the order of drawing.
 */
export function Chosen({ hull, selected, marked, focused }: HullProps & { readonly focused: number | undefined }) {
  const outlines = outlinesOf(hull)
  const ring = focused === undefined ? undefined : outlines[focused]?.path
  return (
    <g className="chosen" clipPath="url(#shell)">
      {marked
        ? outlines
            .filter(({ assets }) => assets.some((asset) => marked.has(asset)))
            .map(({ assets, path: line }) => (
              <g key={assets[0]}>
                <path className="halo" d={line} />
                <path className="marked" d={line} />
              </g>
            ))
        : null}
      {outlines
        .filter(({ assets }) => selected !== undefined && assets.includes(selected))
        .map(({ assets, path: line }) => (
          <path key={assets[0]} className="sel" d={line} />
        ))}
      {ring ? (
        <>
          <path className="ring" d={ring} />
          <path className="ring inner" d={ring} />
        </>
      ) : null}
    </g>
  )
}

/** The path in red lead, its steps as numbers; the one that the panel shows is filled. */
export function RoutePart({ route, step }: { route: Route; step: number }) {
  const line = path(route.line)
  const shown = route.stops.findLast((stop) => stop.step <= step)
  return (
    <g className="way" aria-hidden="true">
      <path className="halo" d={line} />
      <path className="route" d={line} />
      {route.stops.map((stop) => (
        <g key={stop.step} className={`stp${stop === shown ? ' on' : ''}`}>
          <circle cx={stop.x} cy={stop.y} r={stop.isSmall ? 4 : 9.5} />
          {stop.isSmall ? null : (
            <text x={stop.x} y={stop.y + 4} textAnchor="middle">
              {stop.step}
            </text>
          )}
        </g>
      ))}
    </g>
  )
}

function path(line: readonly Point[]): string {
  return line.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('')
}
