import { GRAVEST } from '../model/names.ts'
import type { Compartment } from './compartments.ts'
import { type Point, type Rect, right } from './geometry.ts'
import { textWidth } from './label.ts'

/** A room as it is drawn: bands one below the other that all begin at the wall of its own column. */
export interface Room {
  readonly compartment: Compartment
  readonly bands: readonly Rect[]
  /** Where its name stands. */
  readonly face: Rect
  /** The opening in the wall on its left; the way into it from the room behind. */
  readonly door: { readonly x: number; readonly y: number; readonly size: number }
}

export interface Column {
  readonly steps: number
  readonly x: number
}

/** The control hold: every point of it belongs to one room or to the entry's own passage. */
export interface Hold {
  readonly frame: Rect
  readonly columns: readonly Column[]
  /** In the order of walking from the bow: top first, what lies behind a room right after it. */
  readonly rooms: readonly Room[]
  /** The entry reaches as far as the first room of each way. */
  readonly passage: readonly Rect[]
  /** The wall between the entry and the rooms, from the top down. */
  readonly wall: readonly Point[]
}

const ROW = { least: 24, most: 64, hold: 208 } as const
const WIDTH = { narrow: 30, least: 84, most: 168, squeezed: 20 } as const

interface Branch {
  readonly room: Compartment | undefined
  readonly children: readonly Branch[]
  readonly rows: number
  readonly column: number
}

/**
 * A tree drawn as touching rooms. Columns stand for numbers of steps; a room begins in the column of its own, takes the
 * rows of all that lies behind it, and reaches right until those begin. The tree is that of best paths, so no way ever
 * crosses a room that is not on it, whatever the cluster.
 */
export function layoutHold(rooms: readonly Compartment[], at: Rect): Hold {
  const { x, y, width } = at
  const steps = [...new Set(rooms.map((room) => room.steps))].sort((a, b) => a - b)
  const columnOf = new Map(steps.map((count, at) => [count, at]))
  const entry = treeOf(rooms, (room) => columnOf.get(room.steps) as number)
  const fair = Math.max(at.height, ROW.hold) / Math.max(1, entry.rows)
  const row = Math.ceil(Math.max(ROW.least, at.height / Math.max(1, entry.rows), Math.min(ROW.most, fair)))
  const walls = wallsOf(entry, steps.length, x, width)
  const end = x + width
  const drawn: Room[] = []
  const bandsOf = (branch: Branch, left: number, top: number): Rect[] => {
    if (branch.children.length === 0) return [{ x: left, y: top, width: end - left, height: row * branch.rows }]
    const bands: Rect[] = []
    let below = top
    for (const child of branch.children) {
      const wall = walls[child.column] as number
      const height = row * child.rows
      const last = bands.at(-1)
      if (last && right(last) === wall) bands[bands.length - 1] = { ...last, height: last.height + height }
      else if (wall > left) bands.push({ x: left, y: below, width: wall - left, height })
      below += height
    }
    return bands
  }
  const draw = (branch: Branch, top: number): void => {
    let below = top
    for (const child of branch.children) {
      const wall = walls[child.column] as number
      const bands = bandsOf(child, wall, below)
      const height = row * child.rows
      drawn.push({
        compartment: child.room as Compartment,
        bands,
        face: { ...(bands[0] as Rect), height },
        door: { x: wall, y: below + height / 2, size: Math.min(34, Math.max(10, height * 0.45)) },
      })
      draw(child, below)
      below += height
    }
  }
  draw(entry, y)
  return {
    frame: { x, y, width, height: row * entry.rows },
    columns: steps.map((count, column) => ({ steps: count, x: walls[column] as number })),
    rooms: drawn,
    passage: entry.children.length === 0 ? [] : bandsOf(entry, x, y),
    wall: wallOf(entry, walls, y, row),
  }
}

function treeOf(rooms: readonly Compartment[], columnOf: (room: Compartment) => number): Branch {
  const known = new Set(rooms.map(({ key }) => key))
  const behind = new Map<string | undefined, Compartment[]>()
  for (const room of rooms) {
    const before = room.behind !== undefined && known.has(room.behind) ? room.behind : undefined
    const same = behind.get(before)
    if (same) same.push(room)
    else behind.set(before, [room])
  }
  const grow = (room: Compartment | undefined): Branch => {
    const children = [...(behind.get(room?.key) ?? [])].sort(byPlace).map(grow)
    return {
      room,
      children,
      rows: children.length === 0 ? (room ? 1 : 0) : children.reduce((sum, child) => sum + child.rows, 0),
      column: room ? columnOf(room) : -1,
    }
  }
  return grow(undefined)
}

/** Near before far, so that what a room shows of itself falls like a stair; then the gravest. */
function byPlace(a: Compartment, b: Compartment): number {
  const rank = ({ mark }: Compartment): number => (mark === undefined ? GRAVEST.length : GRAVEST.indexOf(mark))
  return a.steps - b.steps || rank(a) - rank(b) || b.value - a.value || (a.key < b.key ? -1 : 1)
}

function wallOf(entry: Branch, walls: readonly number[], top: number, row: number): readonly Point[] {
  let y = top
  return entry.children.flatMap((child) => {
    const x = walls[child.column] as number
    const from = { x, y }
    y += row * child.rows
    return [from, { x, y }]
  })
}

/** Where each column begins. Rooms that end their way can show their name across what follows; others need it before. */
function wallsOf(entry: Branch, columns: number, x: number, width: number): readonly number[] {
  const needs: number[] = new Array(columns).fill(WIDTH.narrow)
  const visit = (branch: Branch): void => {
    if (branch.room && (branch.children.length > 0 || branch.column === columns - 1)) {
      const need = textWidth(branch.room.label, 12.5, 600) + 40
      needs[branch.column] = Math.max(needs[branch.column] as number, Math.min(WIDTH.most, Math.max(WIDTH.least, need)))
    }
    branch.children.forEach(visit)
  }
  visit(entry)
  const total = needs.reduce((sum, need) => sum + need, 0)
  const isWide = (need: number): boolean => need > WIDTH.narrow
  const wide = needs.filter(isWide).reduce((sum, need) => sum + need, 0)
  const spare = width - total
  const widths = needs.map((need) => {
    if (spare < 0) return Math.max(WIDTH.squeezed, (need * width) / total)
    return wide === 0 ? (need * width) / total : isWide(need) ? need + (spare * need) / wide : need
  })
  const walls: number[] = []
  let at = x
  for (const each of widths) {
    walls.push(Math.round(at))
    at += each
  }
  return walls
}
