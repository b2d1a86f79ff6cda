import { type AddressSet, addressesOf, addressSet, noAddresses, uniteAddresses } from '../../../cluster/addresses.ts'
import { field, isObject, type Json, strings } from '../../../cluster/json.ts'
import { PROVIDERS, type Provider } from './provider.ts'
import shipped from './ranges.json' with { type: 'json' }

/** The addresses from which the edges of one provider connect to origins. */
export interface ProviderRanges {
  readonly provider: Provider
  readonly cidrs: readonly string[]
  readonly set: AddressSet
  /** `2026-08-22`; undefined where the provider documents its ranges without a date. */
  readonly date: string | undefined
  /** Where the list is published, or the file that the user named. */
  readonly source: string
}

export type Ranges = ReadonlyMap<Provider, ProviderRanges>

/** A list that is longer is no list of edges. */
const MOST_CIDRS = 10_000
const DATE = /^\d{4}-\d{2}-\d{2}$/

export const SHIPPED_RANGES: Ranges = (() => {
  const parsed = parseRanges(shipped, '')
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
})()

/**
 * Ranges from a file, or what is wrong with it: `{providers: {cloudflare: {date, source, ranges: [CIDR]}}}`, or with
 * the providers at the top, or with a bare list for each. `file`: what stands for the source where the entry names none.
 */
export function parseRanges(value: Json, file: string): Ranges | string {
  const providers = field(value, 'providers') ?? value
  if (!isObject(providers)) return 'expected a mapping from a provider to its ranges'
  const all = new Map<Provider, ProviderRanges>()
  for (const [name, entry] of Object.entries(providers)) {
    const provider = PROVIDERS.find(({ id, ranges }) => ranges && id === name)?.id
    if (provider === undefined) {
      const known = PROVIDERS.filter(({ ranges }) => ranges).map(({ id }) => id)
      return `${JSON.stringify(name)} is not one of ${known.join(', ')}`
    }
    const listed = Array.isArray(entry) ? entry : field(entry, 'ranges')
    if (!Array.isArray(listed)) return `${name}: expected a list of CIDRs under ranges`
    if (listed.length > MOST_CIDRS) return `${name}: more than ${MOST_CIDRS} ranges`
    const cidrs = strings(listed)
    const bad = listed.findIndex((each) => typeof each !== 'string' || addressSet(each) === undefined)
    if (bad >= 0) return `${name}.ranges[${bad}] is not a CIDR`
    const date = field(entry, 'date') ?? undefined
    if (date !== undefined && (typeof date !== 'string' || !DATE.test(date))) return `${name}.date: expected YYYY-MM-DD`
    const source = field(entry, 'source')
    all.set(provider, {
      provider,
      cidrs,
      set: addressesOf(cidrs),
      date,
      source: typeof source === 'string' ? source : file,
    })
  }
  return all
}

/** Of two sources the second replaces the first, provider by provider. */
export function withRanges(ranges: Ranges, over: Ranges): Ranges {
  return new Map([...ranges, ...over])
}

const DAY_MS = 86_400_000

/** Whole days since the list was published; undefined where it has no date. `now` in milliseconds since 1970. */
export function ageInDays({ date }: ProviderRanges, now: number): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(time) ? undefined : Math.max(0, Math.floor((now - time) / DAY_MS))
}

/** A list that is older than this may lack edges that are in use. */
export const OLD_DAYS = 90

/** The provider that lists all of these addresses among its own; undefined for none, or none of them. */
export function providerOf(set: AddressSet, ranges: Ranges): ProviderRanges | undefined {
  if (noAddresses(set)) return undefined
  return [...ranges.values()].find((each) => covers(each, set))
}

function covers(each: ProviderRanges, set: AddressSet): boolean {
  if (noAddresses(each.set)) return false
  const sum = uniteAddresses(each.set, set)
  return sameBounds(sum.v4, each.set.v4) && sameBounds(sum.v6, each.set.v6)
}

function sameBounds(a: readonly bigint[], b: readonly bigint[]): boolean {
  return a.length === b.length && a.every((bound, at) => bound === b[at])
}
