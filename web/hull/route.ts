import type { Point } from './geometry.ts'
import { middle, right } from './geometry.ts'
import type { Room } from './hold.ts'
import type { Hull } from './hull.ts'

interface Stop extends Point {
  readonly step: number
  /** Too near to the one before it to carry its number. */
  readonly isSmall: boolean
}

export interface Route {
  /** Corners of a line that only turns at right angles. */
  readonly line: readonly Point[]
  readonly stops: readonly Stop[]
}

const TURN = 14
const APART = 22

/** The best path to an asset as it runs through the doors, its steps where the columns of their numbers begin. */
export function routeTo(hull: Hull, asset: number, steps: number): Route | undefined {
  const start = { x: Math.round(hull.bow * 0.42), y: hull.height / 2 }
  const room = hull.hold?.rooms.find(({ compartment }) => compartment.assets.includes(asset))
  if (room) return throughHold(hull, start, room, steps)
  const cell = hull.contact?.cells.find(({ compartment }) => compartment.assets.includes(asset))
  if (!cell || !hull.contact) return undefined
  const passage = hull.contact.passages.find(({ y, height }) => cell.hatch.y === y || cell.hatch.y === y + height)
  if (!passage) return undefined
  const corridor = middle(passage).y
  const turn = hull.bow - TURN
  const line = [start, { x: turn, y: start.y }, { x: turn, y: corridor }, { x: cell.hatch.x, y: corridor }, cell.hatch]
  return { line, stops: spaced(line, steps) }
}

function throughHold(hull: Hull, start: Point, room: Room, steps: number): Route {
  const rooms = hull.hold?.rooms ?? []
  const way: Room[] = []
  for (let at: Room | undefined = room; at; ) {
    way.unshift(at)
    const { behind }: Room['compartment'] = at.compartment
    at = rooms.find(({ compartment }) => compartment.key === behind)
  }
  const line: Point[] = [start]
  // A room reaches as far as its nearest door in every row, so a turn before that never leaves it.
  let turn = hull.bow - TURN
  for (const { door, face } of way) {
    const last = line.at(-1) as Point
    if (last.y !== door.y) line.push({ x: turn, y: last.y }, { x: turn, y: door.y })
    line.push({ x: door.x, y: door.y })
    turn = right(face) - TURN
  }
  const walls = new Map((hull.hold?.columns ?? []).map(({ steps: count, x }) => [count, x]))
  const last = room.door.x
  const stops: Stop[] = [{ ...start, step: 0, isSmall: false }]
  for (let step = 1; step < room.compartment.steps; step++) {
    const x = walls.get(step) ?? between(step, walls, room.compartment.steps, start.x)
    add(stops, { x, y: heightAt(line, x) }, step)
  }
  if (steps > 0) {
    if (last - (stops.at(-1)?.x ?? 0) < APART && stops.length > 1) stops.pop()
    add(stops, { x: last, y: room.door.y }, steps)
  } else line.push({ x: last + TURN, y: room.door.y })
  return { line, stops }
}

function add(stops: Stop[], point: Point, step: number): void {
  const last = stops.at(-1) as Stop
  const gap = Math.abs(point.x - last.x) + Math.abs(point.y - last.y)
  stops.push({ ...point, step, isSmall: gap < APART })
}

/** A step that no column begins with stands evenly between those that do. */
function between(step: number, walls: ReadonlyMap<number, number>, end: number, start: number): number {
  let before = step - 1
  while (before > 0 && !walls.has(before)) before--
  let after = step + 1
  while (after < end && !walls.has(after)) after++
  const left = before === 0 ? start : (walls.get(before) as number)
  return left + (((walls.get(after) as number) - left) * (step - before)) / (after - before)
}

function heightAt(line: readonly Point[], x: number): number {
  for (let at = 1; at < line.length; at++) {
    const from = line[at - 1] as Point
    const to = line[at] as Point
    if (from.y === to.y && x >= from.x && x <= to.x) return to.y
  }
  return (line.at(-1) as Point).y
}

function spaced(line: readonly Point[], steps: number): readonly Stop[] {
  const lengths = line.slice(1).map((to, at) => {
    const from = line[at] as Point
    return Math.abs(to.x - from.x) + Math.abs(to.y - from.y)
  })
  const total = lengths.reduce((sum, length) => sum + length, 0)
  return Array.from({ length: steps + 1 }, (_, step): Stop => {
    let left = steps === 0 ? total : (total * step) / steps
    let at = 0
    while (at < lengths.length - 1 && left > (lengths[at] as number)) left -= lengths[at++] as number
    const from = line[at] as Point
    const to = line[at + 1] as Point
    const share = (lengths[at] as number) === 0 ? 0 : left / (lengths[at] as number)
    return {
      x: from.x + (to.x - from.x) * share,
      y: from.y + (to.y - from.y) * share,
      step,
      isSmall: step > 0 && total / steps < APART,
    }
  })
}
