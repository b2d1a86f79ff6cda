import type { ReportAsset } from '../../src/report/report.ts'
import type { Name } from '../model/names.ts'
import { amount } from '../model/numbers.ts'
import type { Reached } from '../model/radius.ts'
import { type Cast, type Compartment, planOf } from './compartments.ts'
import type { Rect } from './geometry.ts'

/** A room that the entry may open a connection to, and the small rooms that open without a further exploit once it fell. */
export interface Cell {
  readonly compartment: Compartment
  readonly box: Rect
  /** Where its name stands: the box without the strip of small rooms. */
  readonly face: Rect
  readonly hatch: { readonly x: number; readonly y: number; readonly size: number }
  readonly behind: readonly { readonly asset: number; readonly chance: number; readonly box: Rect }[]
  /** How many more stand behind it than the strip has place for. */
  readonly more: { readonly count: number; readonly box: Rect } | undefined
}

export interface Contact {
  readonly frame: Rect
  readonly cells: readonly Cell[]
  /** Corridors that every cell touches. */
  readonly passages: readonly Rect[]
}

const CELL = { least: 116, height: 88, passage: 22, strip: 22, room: 26 } as const
const MOST_CELLS = 24

/** Each contacted room with all that only opens behind it; grouped like the hold where they are many. */
export function contactCells(cast: Cast, contact: readonly Reached[]): readonly Compartment[] {
  const assetOf = (at: number): ReportAsset => cast.report.assets[at] as ReportAsset
  const fronts = new Map<number, number>()
  const frontOf = (each: Reached): number => {
    let front = fronts.get(each.asset)
    if (front === undefined) {
      const before = each.behind === undefined ? undefined : cast.of[each.behind]
      front = before && before.chance < 1 ? frontOf(before) : each.asset
      fronts.set(each.asset, front)
    }
    return front
  }
  // What lies behind a front is drawn with it, so it is looked up under the front's own application.
  const behind = new Map<string, Reached[]>()
  const first: Reached[] = []
  for (const each of contact) {
    const front = frontOf(each)
    const key = assetOf(front).application ?? assetOf(front).id
    const same = behind.get(key)
    if (same) same.push(each)
    else {
      behind.set(key, [each])
      first.push(cast.of[front] as Reached)
    }
  }
  const plan = planOf(cast, first, MOST_CELLS)
  return plan.rooms
    .map((room): Compartment => {
      const members = room.assets
        .flatMap((at) => behind.get(assetOf(at).application ?? assetOf(at).id) ?? [])
        .sort((a, b) => b.chance - a.chance || a.steps - b.steps || a.asset - b.asset)
      const name = cast.labels[(members[0] as Reached).asset] as Name
      const own = assetOf((members[0] as Reached).asset)
      const asFront = { label: name.text, note: own.application === undefined ? '' : name.kind, mark: own.kind }
      return {
        ...room,
        ...(plan.level === 'asset' ? asFront : { note: amount(members.length, 'asset') }),
        assets: members.map(({ asset }) => asset),
        chance: Math.max(...members.map(({ chance }) => chance)),
        assumed: members.every(({ chance, certain }) => certain < chance),
        behind: undefined,
      }
    })
    .sort((a, b) => b.chance - a.chance || b.value - a.value || (a.key < b.key ? -1 : 1))
}

/** Rows of cells on both sides of corridors, the likeliest nearest to the bow. */
export function layoutContact(cast: Cast, rooms: readonly Compartment[], x: number, y: number, width: number): Contact {
  const most = Math.max(1, Math.floor(width / CELL.least))
  const count = Math.ceil(rooms.length / most)
  const rows = Array.from({ length: count }, (_, at) =>
    rooms.slice(Math.floor((at * rooms.length) / count), Math.floor(((at + 1) * rooms.length) / count)),
  )
  const passages: Rect[] = []
  const cells: Cell[] = []
  let top = y
  rows.forEach((row, at) => {
    const isAbove = at % 2 === 0
    row.forEach((compartment, place) => {
      const left = Math.round(x + (place * width) / row.length)
      const next = Math.round(x + ((place + 1) * width) / row.length)
      cells.push(cellOf(cast, compartment, { x: left, y: top, width: next - left, height: CELL.height }, isAbove))
    })
    top += CELL.height
    if (!isAbove) return
    passages.push({ x, y: top, width, height: CELL.passage })
    top += CELL.passage
  })
  return { frame: { x, y, width, height: top - y }, cells, passages }
}

/** The strip of small rooms lies away from the corridor. */
function cellOf({ of }: Cast, compartment: Compartment, box: Rect, isAbove: boolean): Cell {
  const [, ...others] = compartment.assets
  const slots = Math.floor(box.width / CELL.room)
  const shown = others.length <= slots ? others : others.slice(0, Math.max(0, slots - 2))
  const stripTop = isAbove ? box.y : box.y + box.height - CELL.strip
  const hasStrip = others.length > 0
  const faceHeight = box.height - (hasStrip ? CELL.strip : 0)
  const place = (at: number, wide: number): Rect => ({
    x: box.x + at * CELL.room,
    y: stripTop,
    width: wide,
    height: CELL.strip,
  })
  const left = others.length - shown.length
  return {
    compartment,
    box,
    face: { ...box, y: isAbove && hasStrip ? box.y + CELL.strip : box.y, height: faceHeight },
    hatch: { x: box.x + box.width / 2, y: isAbove ? box.y + box.height : box.y, size: 22 },
    behind: shown.map((asset, at) => ({ asset, chance: of[asset]?.chance ?? 0, box: place(at, CELL.room) })),
    more: left === 0 ? undefined : { count: left, box: place(shown.length, box.width - shown.length * CELL.room) },
  }
}
