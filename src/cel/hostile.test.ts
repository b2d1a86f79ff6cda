import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CelError, CostExceeded, compile, kubernetesEnv, Meter, Unknown, type Value } from './cel.ts'
import { DYN } from './type.ts'

const env = kubernetesEnv({ minor: 36, variables: new Map([['object', DYN]]) })

type End = 'cost' | 'unknown' | 'error' | 'value' | 'refused'

/** How an expression ends: a JavaScript error is none of the ways. `seconds`: of CPU time at most. */
function endOf(text: string, object: Value, seconds = 20): End {
  const start = process.cpuUsage()
  const { program } = compile(text, env)
  if (program === undefined) return 'refused'
  try {
    program.run([object], new Meter())
    return 'value'
  } catch (error) {
    if (error instanceof CostExceeded) return 'cost'
    if (error instanceof Unknown) return 'unknown'
    if (error instanceof CelError) return 'error'
    throw error
  } finally {
    const { user, system } = process.cpuUsage(start)
    assert.ok((user + system) / 1e6 < seconds, `${text.slice(0, 60)} took ${(user + system) / 1e6} s`)
  }
}

const MILLION = 'a'.repeat(1_000_000)
const long = { text: MILLION, other: `${MILLION}b`, list: Array.from({ length: 100_000 }, (_, i) => i) }

/** `x.map(a, a + a)` over and over: each turn doubles. */
const doubled = (start: string, times: number): string => `[${start}]${'.map(a, a + a)'.repeat(times)}.size()`

describe('hostile expressions and objects', () => {
  test('nested loops end by their cost', () => {
    const loops = (inner: string): string => `object.list.all(a, object.list.all(b, object.list.all(c, ${inner})))`
    assert.equal(endOf(loops('a + b + c >= 0'), long), 'cost')
    assert.equal(endOf(loops('true'), long), 'cost')
    assert.equal(endOf('object.list.map(a, object.list.map(b, [a, b]))', long), 'cost')
  })

  test('loops that cost nothing end as unknown', () => {
    assert.equal(endOf('object.list.map(a, object.list.filter(b, false))', long), 'unknown')
    assert.equal(endOf('object.list.all(a, !(-1 in object.list))', long), 'unknown')
    assert.equal(endOf('object.list.all(a, object == object)', long), 'unknown')
  })

  test('texts and lists that double end before they fill the memory', () => {
    const before = process.memoryUsage.rss()
    assert.equal(endOf(doubled('object.text', 60), long), 'unknown')
    assert.equal(endOf(doubled('object.list', 60), long), 'unknown')
    assert.equal(endOf(doubled("'ab'", 60), long), 'cost')
    assert.equal(endOf(`${'object.text + '.repeat(20)}object.text`, long), 'value')
    assert.ok(process.memoryUsage.rss() - before < 2e9)
  })

  test('long texts are charged by their length', () => {
    assert.equal(endOf('object.text == object.other', long), 'value')
    assert.equal(endOf("object.list.all(x, object.text.contains('b') == false)", long), 'cost')
    assert.equal(endOf("object.text.matches('(a*)*(a*)*(a|aa)*$')", long), 'value')
    assert.equal(endOf("object.list.all(x, object.text.matches('(a*)*(a*)*(a|aa)*$'))", long), 'cost')
    assert.equal(endOf("object.text.replace('a', object.text)", long), 'unknown')
    assert.equal(endOf("object.text.split('').join(object.text)", long), 'unknown')
  })

  test('deep expressions are refused, deep data are walked', () => {
    assert.equal(endOf(`${'('.repeat(10_000)}1${')'.repeat(10_000)}`, null), 'refused')
    assert.equal(endOf(`${'!(-'.repeat(10_000)}1${')'.repeat(10_000)}`, null), 'refused')
    assert.equal(endOf(`${'['.repeat(10_000)}${']'.repeat(10_000)}`, null), 'refused')
    let deep: Value = 1
    for (let i = 0; i < 100_000; i++) deep = { a: deep }
    assert.equal(endOf('object == object', deep), 'unknown')
    assert.equal(endOf('string(object)', deep), 'error')
    assert.equal(endOf(`has(object.${'a.'.repeat(200)}a)`, deep), 'value')
  })

  test('long expressions are refused or evaluated', () => {
    const end = endOf(`${'true && '.repeat(20_000)}true`, null)
    assert.ok(end === 'refused' || end === 'value', end)
    assert.equal(endOf(`object${'.a'.repeat(50_000)}`, null), 'refused')
  })

  test('keys that every JavaScript object inherits are keys like any other', () => {
    const own = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}') as Value
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      assert.equal(endOf(`object.${key}`, {}), 'error', key)
      assert.equal(read(`has(object.${key})`, {}), false, key)
      assert.equal(read(`object.?${key}.hasValue()`, {}), false, key)
      assert.equal(read(`'${key}' in object`, {}), false, key)
      assert.equal(read(`object['${key}'] == null || true`, {}), true, key)
    }
    assert.equal(read('object.__proto__.x == 1 && object.constructor == 2 && object.toString == 3', own), true)
    assert.equal(read('object.map(k, k).size()', own), 3)
    assert.equal(read('object == object', own), true)
    assert.equal(read("{'__proto__': 1}.__proto__", null), 1)
    assert.equal(({} as { x?: number }).x, undefined)
  })

  test('what stands in JSON is never taken for a value of the evaluator', () => {
    const forged: Value = {
      opaque: true,
      type: { kind: 'int' },
      fields: true,
      value: 7,
      entries: [],
      equals: 'no',
    } as never
    assert.equal(read('object.value', forged), 7)
    assert.equal(read('object.fields && object.opaque', forged), true)
    assert.equal(read('object.size()', forged), 6)
    assert.equal(read('type(object) == map', forged), true)
  })
})

function read(text: string, object: Value): Value {
  const { program, issues } = compile(text, env)
  assert.ok(program, JSON.stringify(issues))
  return program.run([object], new Meter())
}
