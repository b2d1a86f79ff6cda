import aws from './aws.json' with { type: 'json' }
import gcp from './gcp.json' with { type: 'json' }
import { googleMachine } from './instance-types.ts'
import { type Price, parsePrice } from './money.ts'
import type { PriceBook, Quote } from './price-book.ts'

/** Tables that are shipped: on-demand prices of one region each, with their dates (docs/reference/prices.md). */
export const SHIPPED_TABLES = [
  { name: `AWS ${aws.region}, on demand`, date: aws.date, source: aws.source },
  { name: `Google Cloud ${gcp.region}, on demand`, date: gcp.date, source: gcp.source },
] as const

/** Defaults of OpenCost (configs/default.json, Apache-2.0): prices of Google Cloud, and far from those of other clouds. */
const ESTIMATE = { vcpuHour: '0.031611', gbHour: '0.004237' }

type Table = ReadonlyMap<string, ReadonlyMap<string, string>>

const AWS: Table = new Map(
  Object.entries(aws.perHour as Record<string, string>).map(([family, text]) => [family, sizesOf(text)]),
)
const GOOGLE: ReadonlyMap<string, string> = new Map(Object.entries(gcp.perHour as Record<string, string>))

export function shippedInstance(type: string | undefined, region: string | undefined): Quote | undefined {
  if (type === undefined) return undefined
  const dot = type.indexOf('.')
  const ofAws = AWS.get(type.slice(0, dot))?.get(type.slice(dot + 1))
  if (ofAws !== undefined) return quoted(ofAws, aws.region, region, SHIPPED_TABLES[0].name)
  const written = GOOGLE.get(type)
  const from = SHIPPED_TABLES[1].name
  if (written !== undefined) return quoted(written, gcp.region, region, from)
  const machine = googleMachine(type)
  if (!machine) return undefined
  const thousandths = (amount: number): bigint => BigInt(Math.round(amount * 1000))
  const price =
    (priceOf(machine.family.vcpuHour) * thousandths(machine.vcpus) +
      priceOf(machine.family.gbHour) * thousandths(machine.gib)) /
    1000n
  return { price, source: region === undefined || region === gcp.region ? 'shipped' : 'estimate', from }
}

function quoted(text: string, of: string, region: string | undefined, from: string): Quote {
  return { price: priceOf(text), source: region === undefined || region === of ? 'shipped' : 'estimate', from }
}

function priceOf(text: string): Price {
  return parsePrice(text) ?? 0n
}

const estimate = (text: string): Quote => ({ price: priceOf(text), source: 'estimate', from: 'defaults of OpenCost' })

/** `large 0.096 xlarge 0.192`. */
function sizesOf(text: string): ReadonlyMap<string, string> {
  const words = text.split(' ')
  const sizes = new Map<string, string>()
  for (let index = 0; index + 1 < words.length; index += 2) sizes.set(words[index] ?? '', words[index + 1] ?? '')
  return sizes
}

/** All types of a table with their prices, for node pools that leave the type to their autoscaler. */
export function* shippedTypes(): Iterable<string> {
  for (const [family, sizes] of AWS) for (const size of sizes.keys()) yield `${family}.${size}`
}

/** Without a table of the user: machines by their type, pods by an estimate, storage and load balancers not at all. */
export const SHIPPED: PriceBook = {
  currency: 'USD',
  instance: shippedInstance,
  vcpuHour: estimate(ESTIMATE.vcpuHour),
  gbHour: estimate(ESTIMATE.gbHour),
  podVcpuHour: undefined,
  podGbHour: undefined,
  storage: () => undefined,
  loadBalancer: undefined,
  tables: SHIPPED_TABLES.map(({ name, date }) => ({ name, date })),
}
