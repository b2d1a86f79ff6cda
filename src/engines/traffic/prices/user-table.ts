import { field, isObject, type Json } from '../../../cluster/json.ts'
import { type Price, parsePrice } from './money.ts'
import type { PriceBook, Quote } from './price-book.ts'

const KEYS: ReadonlySet<string> = new Set([
  'currency',
  'instances',
  'vcpuHour',
  'gbHour',
  'pods',
  'storage',
  'loadBalancerMonth',
  'date',
])

/**
 * A user's prices over the shipped ones; a text says what is wrong with them. In another currency than US dollars the
 * shipped prices are not used, for they would be added to it.
 */
export function userTable(value: Json, name: string, shipped: PriceBook): PriceBook | string {
  if (!isObject(value)) return 'the price table is no mapping'
  const stray = Object.keys(value).find((key) => !KEYS.has(key))
  if (stray !== undefined) return `the price table has no key ${JSON.stringify(stray.slice(0, 60))}`
  const wrong: string[] = []
  const quote = (given: Json | undefined, where: string): Quote | undefined => {
    if (given === undefined) return undefined
    const price: Price | undefined =
      typeof given === 'number' || typeof given === 'string' ? parsePrice(String(given)) : undefined
    if (price === undefined) wrong.push(`${where} is no price`)
    return price === undefined ? undefined : { price, source: 'user', from: name }
  }
  const prices = (given: Json | undefined, where: string): ReadonlyMap<string, Quote> => {
    if (given === undefined) return new Map()
    if (!isObject(given)) {
      wrong.push(`${where} is no mapping`)
      return new Map()
    }
    return new Map(
      Object.entries(given).flatMap(([key, each]) => {
        const found = quote(each, `${where}.${key}`)
        return found ? [[key, found] as const] : []
      }),
    )
  }
  const currency = field(value, 'currency') ?? 'USD'
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
    wrong.push('currency is no code of three letters, as in USD')
  const pods = field(value, 'pods')
  if (pods !== undefined && !isObject(pods)) wrong.push('pods is no mapping')
  else
    for (const key of Object.keys(pods ?? {}))
      if (key !== 'vcpuHour' && key !== 'gbHour') wrong.push(`pods has no key ${JSON.stringify(key.slice(0, 60))}`)
  const date = field(value, 'date')
  if (date !== undefined && (typeof date !== 'string' || Number.isNaN(Date.parse(date))))
    wrong.push('date is no date, as in 2026-11-01')
  const rest = currency === 'USD' ? shipped : undefined
  const instances = prices(field(value, 'instances'), 'instances')
  const storage = prices(field(value, 'storage'), 'storage')
  const vcpuHour = quote(field(value, 'vcpuHour'), 'vcpuHour')
  const gbHour = quote(field(value, 'gbHour'), 'gbHour')
  const book: PriceBook = {
    currency: String(currency),
    instance: (type, region, size) =>
      instances.get(type ?? '') ?? bySize(vcpuHour, gbHour, size) ?? rest?.instance(type, region),
    vcpuHour: vcpuHour ?? rest?.vcpuHour,
    gbHour: gbHour ?? rest?.gbHour,
    podVcpuHour: quote(field(pods, 'vcpuHour'), 'pods.vcpuHour'),
    podGbHour: quote(field(pods, 'gbHour'), 'pods.gbHour'),
    storage: (storageClass) => storage.get(storageClass ?? 'default') ?? storage.get('default'),
    loadBalancer: quote(field(value, 'loadBalancerMonth'), 'loadBalancerMonth'),
    tables: [{ name, date: typeof date === 'string' ? date : undefined }, ...(rest?.tables ?? [])],
  }
  return wrong[0] ?? book
}

const GIB = 1n << 30n

/** A machine that the table does not name, by its cores and memory. */
function bySize(
  cpu: Quote | undefined,
  memory: Quote | undefined,
  size: ReadonlyMap<string, bigint> | undefined,
): Quote | undefined {
  const cores = size?.get('cpu')
  const bytes = size?.get('memory')
  if (!cpu || !memory || cores === undefined || bytes === undefined) return undefined
  const price = cpu.price * cores * GIB + memory.price * bytes
  const unit = 1000n * GIB
  return { ...cpu, price: (price + unit - 1n) / unit }
}
