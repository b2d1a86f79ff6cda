import { idParts } from '../../src/cluster/object.ts'
import type { AssetKind } from '../../src/radius/weights.ts'
import type { Report, ReportAsset } from '../../src/report/report.ts'
import { KIND_WORDS, type Name, nameOf } from '../model/names.ts'
import { amount, grouped as digits } from '../model/numbers.ts'
import type { Reached } from '../model/radius.ts'

/** One room of the ship: an asset, or assets that are drawn as one. */
export interface Compartment {
  readonly key: string
  readonly label: string
  /** What it is, or how many assets it stands for. */
  readonly note: string
  readonly mark: AssetKind | undefined
  /** Places among the report's assets, the fewest steps first. */
  readonly assets: readonly number[]
  readonly value: number
  /** The greatest of its assets' chances. */
  readonly chance: number
  /** The fewest of its assets' steps. */
  readonly steps: number
  /** The room that the way to it passes last, always fewer steps away; none for what the entry itself opens. */
  readonly behind: string | undefined
  /** No way to it is free of steps whose truth is unknown. */
  readonly assumed: boolean
}

/** More assets than these are drawn by application, then by namespace, and what is left of those as one room each. */
const MOST_ROOMS = 60
const MOST_GROUPS = 40

export type Level = 'asset' | 'application' | 'namespace'

export interface Plan {
  readonly level: Level
  readonly rooms: readonly Compartment[]
}

export interface Cast {
  readonly report: Report
  readonly labels: readonly Name[]
  readonly of: readonly (Reached | undefined)[]
}

type KeyOf = (asset: ReportAsset) => string

/** The rooms of a set of reached assets, in the order of their first assets. */
export function planOf(cast: Cast, reached: readonly Reached[], most = MOST_ROOMS): Plan {
  const assetOf = ({ asset }: Reached): ReportAsset => cast.report.assets[asset] as ReportAsset
  const joinPools = reached.filter((each) => assetOf(each).kind === 'nodePool').length > FEW_POOLS
  for (const [level, keyOf] of levels(joinPools)) {
    const groups = grouped(reached, (each) => keyOf(assetOf(each)))
    if (groups.size > (level === 'asset' ? most : Math.min(most, MOST_GROUPS)) && level !== 'namespace') continue
    return { level, rooms: fewer(rooms(cast, groups, level), Math.min(most, level === 'asset' ? most : MOST_GROUPS)) }
  }
  return { level: 'asset', rooms: [] }
}

const FEW_POOLS = 6

function levels(joinPools: boolean): readonly (readonly [Level, KeyOf])[] {
  const whole: KeyOf = ({ id, kind }) =>
    kind === 'external' || kind === 'cloudRole' || (kind === 'nodePool' && joinPools) ? `kind ${kind}` : id
  const namespaceOf: KeyOf = ({ application, id }) => `namespace ${idParts(application ?? id).namespace}`
  const isPlaced = (asset: ReportAsset): boolean => idParts(asset.application ?? asset.id).namespace !== ''
  return [
    ['asset', ({ id }) => id],
    ['application', (asset) => asset.application ?? (isPlaced(asset) ? namespaceOf(asset) : whole(asset))],
    ['namespace', (asset) => (isPlaced(asset) ? namespaceOf(asset) : whole(asset))],
  ]
}

type Groups = ReadonlyMap<string, readonly Reached[]>

function grouped(reached: readonly Reached[], keyOf: (each: Reached) => string): Groups {
  const groups = new Map<string, Reached[]>()
  for (const each of reached) {
    const key = keyOf(each)
    const same = groups.get(key)
    if (same) same.push(each)
    else groups.set(key, [each])
  }
  return groups
}

function worthOf({ report }: Cast, members: readonly Reached[]): number {
  return members.reduce((sum, { asset }) => sum + (report.assets[asset] as ReportAsset).value, 0)
}

function rooms(cast: Cast, groups: Groups, level: Level): readonly Compartment[] {
  const keys = new Map<number, string>()
  for (const [key, members] of groups) for (const { asset } of members) keys.set(asset, key)
  return [...groups].map(([key, unsorted]) => {
    const members = [...unsorted].sort((a, b) => a.steps - b.steps || a.asset - b.asset)
    const first = members[0] as Reached
    return {
      key,
      ...told(cast, key, members, level),
      assets: members.map(({ asset }) => asset),
      value: worthOf(cast, members),
      chance: Math.max(...members.map(({ chance }) => chance)),
      steps: first.steps,
      behind: roomBehind(cast, keys, key, first),
      assumed: members.every(({ chance, certain }) => certain < chance),
    }
  })
}

function told(
  { report, labels }: Cast,
  key: string,
  members: readonly Reached[],
  level: Level,
): Pick<Compartment, 'label' | 'note' | 'mark'> {
  const first = members[0] as Reached
  const asset = report.assets[first.asset] as ReportAsset
  const name = labels[first.asset] as Name
  const note = amount(members.length, 'asset')
  if (level === 'asset' || key === asset.id) {
    const isPlain = asset.application !== undefined
    return { label: name.text, note: isPlain ? name.kind : '', mark: asset.kind }
  }
  if (key.startsWith('kind ')) return { label: `${KIND_WORDS[asset.kind]}s`, note, mark: asset.kind }
  if (key.startsWith('namespace ')) return { label: key.slice('namespace '.length), note, mark: undefined }
  return { label: asset.application === undefined ? key : nameOf(asset.application).text, note, mark: 'control' }
}

/** Walks up the assets that a way passes until one stands in another room that is fewer steps away. */
function roomBehind({ of }: Cast, keys: ReadonlyMap<number, string>, own: string, first: Reached): string | undefined {
  for (let at = first.behind; at !== undefined; at = of[at]?.behind) {
    const key = keys.get(at)
    if (key !== undefined && key !== own) return key
  }
  return undefined
}

/**
 * The nearest rooms, and behind each of them one that stands for all that is left out there: as many as fit. What leads
 * to a room is nearer than the room, so it is always drawn as well.
 */
function fewer(all: readonly Compartment[], most: number): readonly Compartment[] {
  if (all.length <= most) return all
  const sorted = [...all].sort((a, b) => a.steps - b.steps || b.value - a.value || (a.key < b.key ? -1 : 1))
  const byKey = new Map(all.map((room) => [room.key, room]))
  for (let count = most - 1; count > 0; count--) {
    const kept = new Set(sorted.slice(0, count).map(({ key }) => key))
    const left = new Map<string | undefined, Compartment[]>()
    for (const room of sorted.slice(count)) {
      let behind = room.behind
      while (behind !== undefined && !kept.has(behind)) behind = byKey.get(behind)?.behind
      const same = left.get(behind)
      if (same) same.push(room)
      else left.set(behind, [room])
    }
    if (count + left.size <= most)
      return [...sorted.slice(0, count), ...[...left].map(([behind, rest]) => together(rest, behind))]
  }
  return [together(sorted, undefined)]
}

function together(rooms: readonly Compartment[], behind: string | undefined): Compartment {
  const assets = rooms.flatMap((room) => room.assets)
  return {
    key: `rest behind ${behind ?? 'the entry'}`,
    label: `${digits(rooms.length)} more`,
    note: amount(assets.length, 'asset'),
    mark: undefined,
    assets,
    value: rooms.reduce((sum, { value }) => sum + value, 0),
    chance: Math.max(...rooms.map(({ chance }) => chance)),
    steps: Math.min(...rooms.map(({ steps }) => steps)),
    behind,
    assumed: rooms.every(({ assumed }) => assumed),
  }
}
