import { type AddressSet, ALL_ADDRESSES, addressSet, holdsAll } from '../../../cluster/addresses.ts'
import { field, type Json, list, string } from '../../../cluster/json.ts'
import type { LimitKey } from '../limit.ts'
import { itemsOf, type Part } from './fields.ts'

/** Which requests a rule counts, and which of them together. */
export interface Clients {
  readonly key: LimitKey
  readonly exempt?: readonly string[]
  readonly only?: string
  /** What distinct values it counts: `sourceCIDR`, `header`, `query parameter`. */
  readonly distinct?: string
  /** Why Envoy Gateway refuses it. */
  readonly wrong?: string
}

const MOST_CONDITIONS = 20

/** Addresses of one family never match a network of the other. */
export const IPV4 = 'IPv4 clients'
export const IPV6 = 'IPv6 clients'

const V4: AddressSet = { v4: ALL_ADDRESSES.v4, v6: [] }
const V6: AddressSet = { v4: [], v6: ALL_ADDRESSES.v6 }

/** All selectors of a rule must hold (buildRateLimitRule): what is distinct is the key, what is not is a condition. */
export function clientsOf(selectors: Part): Clients {
  const keys: (readonly [what: string, key: LimitKey])[] = []
  const only: string[] = []
  let exempt: readonly string[] | undefined
  let wrong: string | undefined
  for (const { value } of itemsOf(selectors)) {
    const source = sourceOf(field(value, 'sourceCIDR'))
    wrong ??= source.wrong ?? (isEmpty(value) ? 'a client selector says nothing' : undefined)
    if (source.distinct) keys.push(['sourceCIDR', { kind: 'client-address' }])
    if (source.only !== undefined) only.push(source.only)
    if (source.exempt !== undefined) exempt = source.exempt
    for (const [list_, what, key] of NAMED) {
      for (const each of list(field(value, list_))) {
        const name = string(field(each, 'name')) ?? ''
        if (string(field(each, 'type')) === 'Distinct') keys.push([what, key(name.slice(0, 100))])
        else only.push(condition(what, name, each))
      }
    }
    const methods = list(field(value, 'methods')).map((each) => string(field(each, 'value')) ?? '')
    if (methods.length > 0) only.push(`method ${methods.slice(0, 9).join(' or ')}`)
    const path = field(value, 'path')
    if (path !== undefined) only.push(`path ${(string(field(path, 'value')) ?? '').slice(0, 100)}`)
  }
  const text = only.slice(0, MOST_CONDITIONS).join(', ') + (only.length > MOST_CONDITIONS ? ', …' : '')
  return {
    key: keyOf(keys.map(([, key]) => key)),
    ...(exempt ? { exempt } : {}),
    ...(text === '' ? {} : { only: text }),
    ...(keys[0] ? { distinct: keys[0][0] } : {}),
    ...(wrong === undefined ? {} : { wrong }),
  }
}

const NAMED: readonly (readonly [list: string, what: string, key: (name: string) => LimitKey])[] = [
  ['headers', 'header', (name) => ({ kind: 'header', name })],
  ['queryParams', 'query parameter', (name) => ({ kind: 'expression', text: `query parameter ${name}` })],
]

function isEmpty(value: Json | undefined): boolean {
  return ['headers', 'methods', 'path', 'sourceCIDR', 'queryParams'].every((name) => field(value, name) === undefined)
}

function keyOf(keys: readonly LimitKey[]): LimitKey {
  const first = keys[0]
  if (first === undefined) return { kind: 'everyone' }
  if (keys.length === 1) return first
  const texts = keys
    .slice(0, 9)
    .map((key) =>
      key.kind === 'header' ? `header ${key.name}` : key.kind === 'expression' ? key.text : 'client address',
    )
  return { kind: 'expression', text: texts.join(' and ') }
}

function condition(what: string, name: string, each: Json): string {
  const value = string(field(each, 'value'))
  const verb =
    field(each, 'invert') === true ? 'is not' : field(each, 'type') === 'RegularExpression' ? 'matches' : 'is'
  return `${what} ${name.slice(0, 100)}${value === undefined ? '' : ` ${verb} ${value.slice(0, 60)}`}`
}

function sourceOf(source: Json | undefined): {
  readonly distinct?: true
  readonly only?: string
  readonly exempt?: readonly string[]
  readonly wrong?: string
} {
  if (source === undefined) return {}
  const network = string(field(source, 'value'))?.trim() ?? ''
  const set = addressSet(network)
  if (!network.includes('/') || set === undefined) return { wrong: 'the sourceCIDR is no network' }
  const isDistinct = string(field(source, 'type')) === 'Distinct'
  if (field(source, 'invert') === true) return { exempt: [network], ...(isDistinct ? { distinct: true } : {}) }
  const only = holdsAll(set, V4) ? IPV4 : holdsAll(set, V6) ? IPV6 : `source ${network}`
  return { ...(isDistinct ? { distinct: true } : {}), only }
}
