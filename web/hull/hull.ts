import type { Report, ReportAsset } from '../../src/report/report.ts'
import type { Name } from '../model/names.ts'
import type { Radius } from '../model/radius.ts'
import { type Cast, planOf } from './compartments.ts'
import { type Contact, contactCells, layoutContact } from './contact.ts'
import type { Rect } from './geometry.ts'
import { type Hold, layoutHold } from './hold.ts'
import { type DryRoom, layoutStern, sternHeight, sternWidth } from './stern.ts'

/** The plan of the ship: the entry at the bow, what it is in contact with above, what it controls below, dry rooms aft. */
export interface Hull {
  readonly width: number
  readonly height: number
  /** Where the bow ends and the rooms begin. */
  readonly bow: number
  readonly level: 'asset' | 'application' | 'namespace'
  readonly contact: Contact | undefined
  readonly hold: Hold | undefined
  readonly stern: { readonly frame: Rect; readonly rooms: readonly DryRoom[] } | undefined
}

const BOW = { share: 0.145, least: 96, most: 124 } as const
const LEAST_HEIGHT = 220

/** Equal for equal reports and widths: nothing here draws lots, measures or remembers. */
export function hullOf(report: Report, labels: readonly Name[], radius: Radius, width: number): Hull {
  const cast: Cast = { report, labels, of: radius.of }
  const bow = Math.round(Math.min(BOW.most, Math.max(BOW.least, width * BOW.share)))
  const isAllDry = radius.control.length + radius.contact.length === 0
  const aft = isAllDry ? width - bow : sternWidth(radius.dry.length)
  const inner = width - bow - aft
  const cells = contactCells(cast, radius.contact)
  const plan = planOf(cast, radius.control)
  const contact = cells.length === 0 ? undefined : layoutContact(cast, cells, bow, 0, inner)
  const above = contact?.frame.height ?? 0
  const kinds = new Set(radius.dry.map((at) => (report.assets[at] as ReportAsset).kind)).size
  const least = Math.max(LEAST_HEIGHT, sternHeight(radius.dry.length, kinds)) - above
  const hold =
    plan.rooms.length === 0 ? undefined : layoutHold(plan.rooms, { x: bow, y: above, width: inner, height: least })
  const height = Math.max(LEAST_HEIGHT, above + (hold?.frame.height ?? 0))
  const frame = { x: bow + inner, y: 0, width: aft, height }
  return {
    width,
    height,
    bow,
    level: plan.level,
    contact,
    hold,
    stern: radius.dry.length === 0 ? undefined : { frame, rooms: layoutStern(report.assets, radius.dry, frame) },
  }
}

/** The shell: a pointed bow, a rounded stern. */
export function shell({ width, height, bow }: Pick<Hull, 'width' | 'height' | 'bow'>): string {
  const corner = Math.min(44, height / 4)
  const half = height / 2
  const at = (x: number, y: number): string => `${Math.round(x * bow)} ${Math.round(y * height)}`
  return [
    `M${bow} 0H${width - corner}Q${width} 0 ${width} ${corner}V${height - corner}Q${width} ${height} ${width - corner} ${height}`,
    `H${bow}C${at(0.55, 0.96)} ${at(0.16, 0.79)} 0 ${half}C${at(0.16, 0.21)} ${at(0.55, 0.04)} ${bow} 0Z`,
  ].join('')
}
