import type { AssetKind } from '../../src/radius/weights.ts'
import type { ReportAsset } from '../../src/report/report.ts'
import { GRAVEST } from '../model/names.ts'
import type { Rect } from './geometry.ts'

/** A dry room: a mark of its kind; where they are many, one room for each kind with how many it stands for. */
export interface DryRoom {
  readonly kind: AssetKind
  readonly assets: readonly number[]
  readonly box: Rect
}

const MOST = 60
const BOX = { width: 48, least: 24, most: 72 } as const

function dryColumns(count: number): number {
  return count === 0 ? 0 : count > MOST ? 2 : Math.min(3, Math.ceil(count / 4))
}

export function sternWidth(count: number): number {
  return dryColumns(count) * BOX.width
}

/** How high the stern must be for every room to be seen. */
export function sternHeight(count: number, kinds: number): number {
  const rooms = count > MOST ? kinds : count
  return Math.ceil(rooms / Math.max(1, dryColumns(count))) * BOX.least
}

/** The gravest first, in rows. */
export function layoutStern(assets: readonly ReportAsset[], dry: readonly number[], frame: Rect): readonly DryRoom[] {
  const kindOf = (at: number): AssetKind => (assets[at] as ReportAsset).kind
  const kinds = GRAVEST.map((kind) => ({ kind, of: dry.filter((at) => kindOf(at) === kind) })).filter(
    ({ of }) => of.length > 0,
  )
  const rooms =
    dry.length > MOST
      ? kinds.map(({ kind, of }) => ({ kind, assets: of }))
      : kinds.flatMap(({ kind, of }) => of.map((at) => ({ kind, assets: [at] })))
  const columns = Math.max(1, Math.min(rooms.length, Math.round(frame.width / BOX.width)))
  const width = frame.width / columns
  const height = Math.min(BOX.most, frame.height / Math.ceil(rooms.length / columns))
  return rooms.map((room, at) => ({
    ...room,
    box: {
      x: frame.x + (at % columns) * width,
      y: frame.y + Math.floor(at / columns) * height,
      width,
      height,
    },
  }))
}
