import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageOf } from './age.ts'
import { machineSize } from './instance-types.ts'
import { cents, each, HOURS, moneyText, moneyValue, parsePrice, perGib, perWhole, WHOLE } from './money.ts'
import { SHIPPED } from './shipped.ts'
import { userTable } from './user-table.ts'

const price = (text: string): bigint => parsePrice(text) ?? assert.fail(text)
const GIB = 1024n ** 3n

test('money is exact until it is shown', () => {
  // A third of a cent, three times, is a cent.
  assert.equal(cents(3n * each(price('0.00333333333333'), 1n) + each(price('0.00000000000001'), 1n)), 1n)
  assert.equal(moneyValue(each(price('0.096'), 3n) * HOURS), 210.24)
  assert.equal(moneyValue(perWhole(price('0.1'), 1n) * 10n), 0)
  assert.equal(moneyValue(perWhole(price('0.1'), 50n)), 0.01)
  assert.equal(moneyValue(perGib(price('0.08'), 100n * GIB * 1000n)), 8)
  assert.equal(moneyText(each(price('1234567.895'), 1n)), '1,234,567.90')
  assert.equal(moneyText(0n), '0.00')
  assert.deepEqual(
    [moneyValue('infinite'), moneyValue(undefined), moneyText('infinite'), moneyText(undefined)],
    ['unbounded', null, 'unbounded', 'unknown'],
  )
  assert.equal(WHOLE, 10n ** 15n * GIB)
})

test('prices that are none', () => {
  for (const text of ['', '-1', '1e309', '1e999999', 'NaN', 'Infinity', '0x10', '1,5', `1.${'0'.repeat(50)}`])
    assert.equal(parsePrice(text), undefined, text)
  assert.equal(parsePrice('1e-7'), 100_000n)
  assert.equal(parsePrice('0.0000000000001'), 1n)
})

test('a user’s table comes first; another currency leaves the shipped ones out', () => {
  const table = userTable({ instances: { 'm5.large': 0.05 }, storage: { fast: '0.1', default: 0.2 } }, 'mine', SHIPPED)
  assert.ok(typeof table !== 'string')
  assert.equal(table.instance('m5.large', undefined)?.price, price('0.05'))
  assert.equal(table.instance('m5.xlarge', undefined)?.source, 'shipped')
  assert.deepEqual(
    [table.storage('fast')?.price, table.storage('other')?.price, table.storage(undefined)?.price],
    [price('0.1'), price('0.2'), price('0.2')],
  )
  const euros = userTable({ currency: 'EUR' }, 'mine', SHIPPED)
  assert.ok(typeof euros !== 'string')
  assert.equal(euros.instance('m5.large', undefined), undefined)
})

test('a machine that the table does not name is priced by its size, before the shipped price of its type', () => {
  const size = new Map([
    ['cpu', 2000n],
    ['memory', 8n * GIB * 1000n],
  ])
  const both = userTable({ instances: { big: 1 }, vcpuHour: 0.04, gbHour: '0.005' }, 'mine', SHIPPED)
  assert.ok(typeof both !== 'string')
  // 2 × 0.04 + 8 × 0.005.
  assert.deepEqual(both.instance('m5.large', undefined, size), { price: price('0.12'), source: 'user', from: 'mine' })
  assert.equal(both.instance(undefined, undefined, size)?.price, price('0.12'))
  assert.equal(both.instance('big', undefined, size)?.price, price('1'))
  assert.equal(both.instance('m5.large', undefined)?.source, 'shipped')
  const one = userTable({ vcpuHour: 0.04 }, 'mine', SHIPPED)
  assert.ok(typeof one !== 'string')
  assert.equal(one.instance('m5.large', undefined, size)?.source, 'shipped')
  assert.equal(one.instance(undefined, undefined, size), undefined)
})

test('what is wrong with a table is said', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [[], /no mapping/],
    [{ instance: {} }, /no key "instance"/],
    [{ instances: { a: -1 } }, /instances\.a is no price/],
    [{ instances: [] }, /instances is no mapping/],
    [{ currency: 'dollars' }, /three letters/],
    [{ vcpuHour: {} }, /vcpuHour is no price/],
    [{ pods: 0.05 }, /pods is no mapping/],
    [{ pods: { vcpu: 0.05 } }, /pods has no key "vcpu"/],
    [{ pods: { vcpuHour: '-0.05' } }, /pods\.vcpuHour is no price/],
    [{ date: 'yesterday' }, /date is no date/],
    [{ loadBalancerMonth: '1e300' }, /loadBalancerMonth is no price/],
    [JSON.parse('{"__proto__": 1}'), /no key "__proto__"/],
  ]
  for (const [value, message] of wrong) assert.match(String(userTable(value as never, 'mine', SHIPPED)), message)
})

test('shipped prices: a machine by its type; of another region an estimate', () => {
  assert.deepEqual(SHIPPED.instance('m5.large', 'us-east-1'), {
    price: price('0.096'),
    source: 'shipped',
    from: 'AWS us-east-1, on demand',
  })
  assert.equal(SHIPPED.instance('m5.large', 'eu-central-1')?.source, 'estimate')
  // 4 × 0.021811 + 16 × 0.002923.
  assert.equal(SHIPPED.instance('e2-standard-4', 'us-central1')?.price, price('0.134012'))
  // 8 × 0.031611 + 12 × 0.004237.
  assert.equal(SHIPPED.instance('n2-custom-8-12288', undefined)?.price, price('0.303732'))
  assert.equal(SHIPPED.instance('e2-medium', undefined)?.price, price('0.03351'))
  for (const type of [
    '',
    'Standard_D2s_v5',
    'm5.',
    '__proto__.constructor',
    'constructor',
    'e2-standard-',
    'm5.large.x',
  ])
    assert.equal(SHIPPED.instance(type, undefined), undefined, type)
})

test('sizes by the name of a type', () => {
  assert.deepEqual(machineSize('m5.large'), { vcpus: 2, gib: 8 })
  assert.deepEqual(machineSize('c7g.medium'), { vcpus: 1, gib: 2 })
  assert.deepEqual(machineSize('r6i.16xlarge'), { vcpus: 64, gib: 512 })
  assert.deepEqual(machineSize('t3.medium'), { vcpus: 2, gib: 4 })
  assert.deepEqual(machineSize('c5n.2xlarge'), { vcpus: 8, gib: 21 })
  assert.deepEqual(machineSize('n1-highmem-4'), { vcpus: 4, gib: 26 })
  assert.equal(machineSize('m5.metal'), undefined)
})

test('old prices are told, and only of tables that gave one', () => {
  const used = new Set(['AWS us-east-1, on demand'])
  const at = (date: string): readonly unknown[] => ageOf(SHIPPED, used, Date.parse(date)).map(({ warning }) => warning)
  assert.deepEqual(at('2026-08-01'), [undefined])
  assert.match(String(at('2026-11-22')[0]), /139 days old: they may have changed/)
  assert.match(String(at('2027-06-01')[0]), /do not rely on them/)
  assert.deepEqual(ageOf(SHIPPED, new Set(), 0), [])
})
