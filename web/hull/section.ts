import type { Level } from '../model/plan.ts'

/** One compartment of the ship seen from its side: the water that is left behind one bulkhead. */
export interface Hold {
  readonly x: number
  readonly width: number
  /** What stands over it: `now`, the step's rank, `+4` for the last steps together. */
  readonly label: string
  /** Its place in the plan; undefined for what is now, and for several. */
  readonly at: number | undefined
  /** Of the risk before the plan: before its change, and after. */
  readonly before: number
  readonly after: number
  /** Tops of the water before and after. */
  readonly high: number
  readonly low: number
}

export interface Section {
  readonly width: number
  readonly bow: number
  readonly deck: number
  readonly keel: number
  readonly height: number
  readonly holds: readonly Hold[]
  readonly shell: string
}

const LEAST = 26
const DECK = 44
const DEPTH = { wide: 132, narrow: 108 } as const

/** The ship in section: water stands in the first hold as high as the risk is now, and lower behind each change. */
export function sectionOf(levels: readonly Level[], width: number): Section {
  const isNarrow = width < 600
  const bow = isNarrow ? 26 : 56
  const deck = DECK
  const keel = deck + (isNarrow ? DEPTH.narrow : DEPTH.wide)
  const most = Math.max(2, Math.floor((width - bow) / LEAST) - 1)
  const singles = levels.length > most ? levels.slice(0, most - 1) : levels
  const others = levels.slice(singles.length)
  const inner = (width - bow) / (1 + singles.length + (others.length > 0 ? 1 : 0))
  const top = (share: number): number => keel - (keel - deck - 8) * Math.max(0, Math.min(1, share))
  const hold = (place: number, label: string, at: number | undefined, before: number, after: number): Hold => ({
    x: bow + place * inner,
    width: inner,
    label,
    at,
    before,
    after,
    high: top(before),
    low: top(after),
  })
  const holds = [
    hold(0, 'now', undefined, 1, 1),
    ...singles.map(({ step, before, after }, at) => hold(at + 1, String(step.rank), at, before, after)),
  ]
  const first = others[0]
  const last = others.at(-1)
  if (first && last) holds.push(hold(holds.length, `+${others.length}`, undefined, first.before, last.after))
  const shell = `M1.5 ${deck}H${width - 1.5}V${keel - 14}Q${width - 1.5} ${keel} ${width - 16} ${keel}H${bow + 12}Q${bow * 0.34} ${keel} 1.5 ${deck}Z`
  return { width, bow, deck, keel, height: keel + 26, holds, shell }
}
