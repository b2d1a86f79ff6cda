import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressesOf, addressSet, overlap, PUBLIC } from '../../../cluster/addresses.ts'
import { providerFacts } from './provider.ts'
import {
  ageInDays,
  OLD_DAYS,
  type ProviderRanges,
  parseRanges,
  providerOf,
  SHIPPED_RANGES,
  withRanges,
} from './ranges.ts'
import { missingOf } from './sources.ts'

const of = (provider: 'cloudflare' | 'fastly' | 'cloudfront'): ProviderRanges =>
  SHIPPED_RANGES.get(provider) as ProviderRanges

describe('the ranges that are shipped', () => {
  test('are as many as the providers publish, public, dated, and overlap no other provider’s', () => {
    assert.deepEqual(
      [...SHIPPED_RANGES].map(([provider, { cidrs, date }]) => [provider, cidrs.length, date]),
      [
        ['cloudflare', 22, '2026-08-22'],
        ['fastly', 21, '2025-05-05'],
        ['cloudfront', 81, '2026-10-06'],
        ['google-front-end', 4, undefined],
        ['akamai', 0, undefined],
        ['azure-front-door', 0, undefined],
      ],
    )
    const all = [...SHIPPED_RANGES.values()]
    for (const each of all) {
      assert.ok(each.source.length > 0 && providerFacts(each.provider).ranges)
      for (const cidr of each.cidrs) assert.ok(overlap(addressSet(cidr) ?? addressesOf([]), PUBLIC), cidr)
      for (const other of all) if (other !== each) assert.ok(!overlap(each.set, other.set), other.provider)
    }
  })

  test('tell whose an address is', () => {
    const whose = (address: string): string | undefined => providerOf(addressesOf([address]), SHIPPED_RANGES)?.provider
    assert.equal(whose('104.16.0.1'), 'cloudflare')
    assert.equal(whose('2606:4700::1'), 'cloudflare')
    assert.equal(whose('151.101.1.1'), 'fastly')
    assert.equal(whose('130.176.0.1'), 'cloudfront')
    assert.equal(whose('104.0.0.0/8'), undefined)
    assert.equal(whose('8.8.8.8'), undefined)
    assert.equal(whose('not an address'), undefined)
  })
})

describe('a list of one’s own', () => {
  const parsed = (value: Parameters<typeof parseRanges>[0]) => parseRanges(value, 'mine.yaml')

  test('replaces one provider and leaves the others', () => {
    const own = parsed({ akamai: { date: '2026-11-01', ranges: ['192.0.2.0/24'] }, fastly: ['198.51.100.0/24'] })
    assert.ok(typeof own !== 'string')
    const ranges = withRanges(SHIPPED_RANGES, own)
    assert.deepEqual(ranges.get('akamai')?.cidrs, ['192.0.2.0/24'])
    assert.equal(ranges.get('akamai')?.source, 'mine.yaml')
    assert.deepEqual(ranges.get('fastly')?.cidrs, ['198.51.100.0/24'])
    assert.equal(ranges.get('cloudflare'), SHIPPED_RANGES.get('cloudflare'))
  })

  test('is refused with its place', () => {
    assert.match(parsed(7) as string, /expected a mapping/)
    assert.match(parsed({ nobody: [] }) as string, /"nobody" is not one of cloudflare, fastly/)
    assert.match(parsed({ 'aws-waf': [] }) as string, /is not one of/)
    assert.match(parsed({ __proto__x: [] }) as string, /is not one of/)
    assert.match(parsed({ fastly: {} }) as string, /fastly: expected a list/)
    assert.match(parsed({ fastly: ['10.0.0.0/8', 'x'] }) as string, /fastly\.ranges\[1\] is not a CIDR/)
    assert.match(parsed({ fastly: [null] }) as string, /fastly\.ranges\[0\]/)
    assert.match(parsed({ fastly: { date: 'today', ranges: [] } }) as string, /YYYY-MM-DD/)
    assert.match(parsed({ fastly: Array(10_001).fill('10.0.0.1') }) as string, /more than 10000/)
  })
})

test('a list is old after 90 days, and one without a date never', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  assert.equal(ageInDays(of('cloudflare'), now), 92)
  assert.equal(ageInDays(of('cloudfront'), now), 47)
  assert.equal(ageInDays(SHIPPED_RANGES.get('google-front-end') as ProviderRanges, now), undefined)
  assert.equal(ageInDays(of('cloudfront'), 0), 0)
  assert.equal(ageInDays({ ...of('cloudfront'), date: '2026-99-99' }, now), undefined)
  assert.equal(OLD_DAYS, 90)
})

describe('a copied list', () => {
  const { cidrs } = of('cloudflare')
  const v4 = cidrs.filter((cidr) => !cidr.includes(':'))
  const missing = (list: readonly string[]): readonly string[] | undefined => missingOf(list, SHIPPED_RANGES)?.missing

  test('lacks what the provider has and it has not', () => {
    assert.deepEqual(missing(cidrs), [])
    assert.deepEqual(missing(cidrs.slice(1)), [cidrs[0]])
    assert.deepEqual(missing([...cidrs, '10.0.0.0/8']), [])
  })

  test('of IPv4 only lacks no IPv6', () => {
    assert.deepEqual(missing(v4), [])
    assert.deepEqual(missing(v4.slice(1)), [cidrs[0]])
  })

  test('of few ranges, of other addresses or of all is no copy', () => {
    assert.equal(missing(cidrs.slice(0, 5)), undefined)
    assert.equal(missing(['198.51.100.0/24']), undefined)
    assert.equal(missing(['0.0.0.0/0']), undefined)
    assert.equal(missing([]), undefined)
    // Wider networks hold the provider's: nobody is shut out.
    assert.deepEqual(missing(v4.map((cidr) => (cidr === '104.16.0.0/13' ? '104.16.0.0/12' : cidr))), [])
  })
})
