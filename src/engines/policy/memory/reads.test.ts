import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CelError, CostExceeded, compile, DYN, type Expr, kubernetesEnv, Meter, Unknown } from '../../../cel/cel.ts'
import type { Json, JsonObject } from '../../../cluster/json.ts'
import { Comparison } from './comparison.ts'
import { Memory } from './memory.ts'

const env = kubernetesEnv({ minor: 37, mode: 'stored', variables: new Map([['object', DYN]]) })

function compiled(text: string): ReturnType<typeof compile>['program'] {
  return compile(text, env).program
}

const meter = new Meter(100_000)

/** The value or the error, and the cost. */
function said(program: NonNullable<ReturnType<typeof compiled>>, object: Json): string {
  meter.cost = 0
  meter.passedGuard = false
  try {
    const value = program.outcome([object], meter)
    const text =
      value instanceof CelError || value instanceof Unknown
        ? `failure ${Object.values(value).join()}`
        : JSON.stringify(value)
    return `${text} at ${meter.cost}`
  } catch (error) {
    if (error instanceof CostExceeded) return 'too dear'
    throw error
  }
}

const memory = new Memory(() => undefined)

function partsOf(expr: Expr, withGuarded: boolean) {
  return memory.partsOf({ exprs: [expr], names: new Map(), depth: 'whole' }, '', withGuarded)
}

const KEYS = ['a', 'b', '__proto__', 'constructor', 'toJSON'] as const
const key = fc.constantFrom(...KEYS)
const scalar = fc.constantFrom<Json>(null, true, false, 0, -0, 1, 1.5, '', 'a', 'b', 'null')

const { json } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
  json: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('json'), { maxLength: 3 }), tie('object')),
  object: fc.array(fc.tuple(key, tie('json')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
}))
const object = fc.array(fc.tuple(key, json), { maxLength: 4 }).map((entries): JsonObject => Object.fromEntries(entries))

/** Expressions of all that policies are written with, over `object` and what macros bind. */
const { any } = fc.letrec<{ any: string }>((tie) => {
  const any = tie('any')
  const two = fc.tuple(any, any)
  const three = fc.tuple(any, any, any)
  return {
    any: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(
        ...['object', 'object.?a', 'object.?b', 'object.a', 'object.b', "object['a']", 'object.?a.?b', 'object.b.a'],
        ...['x', 'y', 'x.?a', 'y.b', "'a'", "'b'", '1', '0', 'true', '[]', '{}'],
      ),
      fc.tuple(any, key).map(([of, name]) => `dyn(${of}).?${name}`),
      fc.tuple(any, key).map(([of, name]) => `dyn(${of}).${name}`),
      fc.tuple(any, key).map(([of, name]) => `has(dyn(${of}).${name})`),
      two.map(([of, otherwise]) => `dyn(${of}).orValue(dyn(${otherwise}))`),
      two.map(([of, otherwise]) => `dyn(${of}).or(dyn(${otherwise}))`),
      two.map(([of, otherwise]) => `dyn((${of}).?a.orValue(dyn(${otherwise})))`),
      two.map(([of, otherwise]) => `dyn(${of}).?b.orValue([]) + dyn(${otherwise}).?a.orValue([])`),
      any.map((of) => `dyn(${of}).hasValue()`),
      any.map((of) => `dyn(${of}).value()`),
      any.map((of) => `size(dyn(${of}))`),
      any.map((of) => `dyn(${of})`),
      any.map((of) => `string(dyn(${of}))`),
      any.map((of) => `type(dyn(${of})) == string`),
      two.map(([a, b]) => `dyn(${a}) + dyn(${b})`),
      two.map(([a, b]) => `dyn(${a}) == dyn(${b})`),
      two.map(([a, b]) => `dyn(${a}) in dyn(${b})`),
      two.map(([a, b]) => `dyn(${a})[dyn(${b})]`),
      two.map(([a, b]) => `dyn(${a})[?dyn(${b})].orValue(dyn(${a}))`),
      two.map(([a, b]) => `dyn(${a}) && dyn(${b})`),
      two.map(([a, b]) => `dyn(${a}) || dyn(${b})`),
      three.map(([a, b, c]) => `dyn(${a}) && dyn(${b}) == dyn(${c}).matches('a')`),
      two.map(([a, b]) => `[dyn(${a}), dyn(${b})]`),
      two.map(([a, b]) => `[dyn(${a}), ?dyn(${b})][0]`),
      two.map(([a, b]) => `{'a': dyn(${a}), 'b': dyn(${b})}`),
      two.map(([a, b]) => `dyn(${a}).exists(x, dyn(${b}))`),
      two.map(([a, b]) => `dyn(${a}).all(x, dyn(${b}))`),
      two.map(([a, b]) => `dyn(${a}).exists_one(y, dyn(${b}))`),
      two.map(([a, b]) => `dyn(${a}).filter(x, dyn(${b}))`),
      two.map(([a, b]) => `dyn(${a}).map(y, ${b})`),
      two.map(([a, b]) => `['a', 'b'].filter(x, dyn(${a})[?x].orValue(dyn(${b})))`),
      two.map(([a, b]) => `dyn(${a}).map(y, [dyn(y), dyn(${b})]).map(x, x[1])`),
      three.map(([a, b, c]) => `dyn(${a}).map(x, dyn(${b}), ${c})`),
      three.map(([a, b, c]) => `dyn(${a}).all(x, y, dyn(${b}) == dyn(${c}))`),
      three.map(([a, b, c]) => `dyn(${a}) ? dyn(${b}) : dyn(${c})`),
      two.map(([a, b]) => `dyn(${a}).optMap(x, dyn(${b}))`),
    ),
  }
})

for (const withGuarded of [true, false])
  test(`objects with equal parts give equal values, errors and costs${withGuarded ? '' : ', as long as they pass no guard'}`, () => {
    const seen = { told: 0, alike: 0, values: 0, guarded: 0 }
    fc.assert(
      fc.property(any, fc.array(object, { minLength: 12, maxLength: 12 }), (text, objects) => {
        const program = compiled(`[object.?a].map(x, [object.?b.orValue([])].exists(y, dyn(${text}) == 1))`)
        if (program === undefined) return
        const parts = partsOf(program.expr, withGuarded)
        if (parts === undefined) return
        seen.told++
        const comparison = new Comparison(memory.numbers, memory.root)
        const group = comparison.add(parts)
        const by = new Map<number, readonly [object: string, said: string]>()
        for (const each of objects) {
          comparison.take(each)
          const number = group < 0 ? -1 : (comparison.groups[group] as number)
          const now: readonly [string, string] = [JSON.stringify(each), said(program, each)]
          const before = by.get(number)
          if (withGuarded || !meter.passedGuard) by.set(number, now)
          if (meter.passedGuard) seen.guarded++
          if (before === undefined || before[0] === now[0]) continue
          seen.alike++
          if (!now[1].startsWith('failure')) seen.values++
          assert.equal(now[1], before[1], `${text}: ${before[0]} and ${now[0]}`)
        }
      }),
      { numRuns: 4_000, seed: 7 },
    )
    assert.ok(seen.told > 500 && seen.alike > 2_000 && seen.values > 300 && seen.guarded > 300, JSON.stringify(seen))
  })
