import { field, isObject, type Json } from '../cluster/json.ts'
import shipped from './weights.json' with { type: 'json' }

export const ENTRY_KINDS = ['exposed', 'credential', 'workload'] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

export const ASSET_KINDS = [
  'controlPlane',
  'nodePool',
  'data',
  'cloudRole',
  'secrets',
  'external',
  'control',
  'availability',
] as const
export type AssetKind = (typeof ASSET_KINDS)[number]

export const CHANCE_KINDS = ['served', 'unserved', 'exploited'] as const

/**
 * How likely each kind of entry is, what each kind of asset is worth, and what a contact step is worth: the numbers of
 * docs/reference/risk.md, which a user may replace by a file of the same shape. They rank and compare; they measure nothing.
 */
export interface Weights {
  readonly entries: Readonly<Record<EntryKind, number>>
  readonly assets: Readonly<Record<AssetKind, number>>
  readonly chances: Readonly<Record<(typeof CHANCE_KINDS)[number], number>>
  /** Values of single assets by their ids. */
  readonly overrides: Readonly<Record<string, number>>
}

export const SHIPPED: Weights = shipped

/** `--weights equal`: every asset and every group of entries counts the same. */
export const EQUAL: Weights = {
  entries: { exposed: 1 / 3, credential: 1 / 3, workload: 1 / 3 },
  assets: { controlPlane: 1, nodePool: 1, data: 1, cloudRole: 1, secrets: 1, external: 1, control: 1, availability: 1 },
  chances: SHIPPED.chances,
  overrides: {},
}

/** Weights from a file, or what is wrong with it. Fields that it does not name keep their shipped values. */
export function parseWeights(value: Json): Weights | string {
  if (!isObject(value)) return 'weights must be an object'
  const unknown = Object.keys(value).find((key) => !['entries', 'assets', 'chances', 'overrides'].includes(key))
  if (unknown !== undefined) return `"${unknown}" is not one of entries, assets, chances, overrides`
  const entries = section(value, 'entries', ENTRY_KINDS, SHIPPED.entries, Number.POSITIVE_INFINITY)
  if (typeof entries === 'string') return entries
  const assets = section(value, 'assets', ASSET_KINDS, SHIPPED.assets, Number.POSITIVE_INFINITY)
  if (typeof assets === 'string') return assets
  // A chance of 1 would make a contact step a control step.
  const chances = section(value, 'chances', CHANCE_KINDS, SHIPPED.chances, 0.999)
  if (typeof chances === 'string') return chances
  const given = field(value, 'overrides') ?? {}
  if (!isObject(given)) return 'overrides must be an object of asset ids'
  const overrides = new Map<string, number>()
  for (const [id, worth] of Object.entries(given)) {
    if (typeof worth !== 'number' || !(worth >= 0))
      return `overrides[${JSON.stringify(id)}] must be a number of at least 0`
    overrides.set(id, worth)
  }
  return { entries, assets, chances, overrides: Object.fromEntries(overrides) }
}

function section<K extends string>(
  value: Json,
  name: string,
  keys: readonly K[],
  shippedValues: Readonly<Record<K, number>>,
  most: number,
): Record<K, number> | string {
  const given = field(value, name)
  if (given === undefined) return { ...shippedValues }
  if (!isObject(given)) return `${name} must be an object`
  const unknown = Object.keys(given).find((key) => !(keys as readonly string[]).includes(key))
  if (unknown !== undefined) return `${name}.${unknown} is not one of ${keys.join(', ')}`
  const result: Record<K, number> = { ...shippedValues }
  for (const key of keys) {
    const worth = field(given, key)
    if (worth === undefined) continue
    if (typeof worth !== 'number' || !(worth >= 0) || worth > most)
      return `${name}.${key} must be a number from 0${Number.isFinite(most) ? ` to ${most}` : ''}`
    result[key] = worth
  }
  return result
}
