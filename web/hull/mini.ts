import type { Rect } from './geometry.ts'

export type Water = 'control' | 'contact' | 'dry'

interface MiniCell extends Rect {
  readonly water: Water
}

export interface Counts {
  readonly control: number
  readonly contact: number
  readonly dry: number
}

const MOST = 60
const COLUMNS = 15

/** Counts alone, one cell an asset; of very many, one for each equal share, and at least one for each that is not nil. */
export function miniCells(counts: Counts, frame: Rect): readonly MiniCell[] {
  const total = counts.control + counts.contact + counts.dry
  if (total === 0) return []
  const cells = Math.min(total, MOST)
  const waters = (['control', 'contact', 'dry'] as const).filter((water) => counts[water] > 0)
  const shares = new Map(waters.map((water) => [water, Math.max(1, Math.floor((counts[water] * cells) / total))]))
  for (
    let left = cells - [...shares.values()].reduce((sum, share) => sum + share, 0);
    left !== 0;
    left -= Math.sign(left)
  ) {
    // Rounding leaves a few over: the greatest count takes them, or gives.
    const greatest = waters.reduce((best, water) => (counts[water] > counts[best] ? water : best))
    shares.set(greatest, (shares.get(greatest) as number) + Math.sign(left))
  }
  const rows = Math.max(1, Math.min(4, Math.ceil(cells / COLUMNS)))
  const columns = Math.ceil(cells / rows)
  const width = frame.width / columns
  const height = frame.height / rows
  const order = waters.flatMap((water) => new Array<Water>(shares.get(water) as number).fill(water))
  return order.map((water, at) => ({
    water,
    x: frame.x + Math.floor(at / rows) * width,
    y: frame.y + (at % rows) * height,
    width,
    height,
  }))
}
