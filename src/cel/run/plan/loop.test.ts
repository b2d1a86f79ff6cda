import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { CelError, CostExceeded, type Env, kubernetesEnv, Meter, Unknown, type Value } from '../../cel.ts'
import { check } from '../../check/check.ts'
import { plain } from '../../plain.testing.ts'
import { parse } from '../../syntax/parse.ts'
import { DYN } from '../../type.ts'
import { Program } from '../program.ts'

const VARIABLES = ['list', 'map', 'text', 'absent'] as const

const ENVS: readonly Env[] = [28, 32, 36].map((minor) =>
  kubernetesEnv({ minor, variables: new Map(VARIABLES.map((name) => [name, DYN])) }),
)

/** Predicates over `x`, `y`, `i`: some fail, some are unknown, some are no booleans. */
const predicate = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'true',
      'false',
      'x == 1',
      'x > 1',
      'x.a',
      'has(x.a)',
      '1 / x == 1',
      'absent',
      'absent == x',
      'dyn(1)',
      'x == text',
    ),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} && ${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} || ${b})`),
    tie('any').map((a) => `!(${a})`),
    fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc
      .tuple(fc.constantFrom('all', 'exists', 'exists_one'), fc.constantFrom('list', 'map', 'x', '[x, 2]'), tie('any'))
      .map(([macro, range, inner]) => `${range}.${macro}(x, ${inner})`),
  ),
})).any

const element = fc.constantFrom('x', '1', 'x.a', '1 / x', 'absent', '[x]', "{'k': x}", 'text + x', 'list.map(y, y)')
const range = fc.constantFrom(
  'list',
  'map',
  'text',
  'absent',
  '[0, 1, 2]',
  "{'a': 1, 'b': 0}",
  '[]',
  'list.filter(y, y != 0)',
)

const macro = fc.oneof(
  fc
    .tuple(range, fc.constantFrom('all', 'exists', 'exists_one', 'filter'), predicate)
    .map(([over, name, holds]) => `${over}.${name}(x, ${holds})`),
  fc.tuple(range, element).map(([over, made]) => `${over}.map(x, ${made})`),
  fc.tuple(range, predicate, element).map(([over, holds, made]) => `${over}.map(x, ${holds}, ${made})`),
  fc
    .tuple(range, fc.constantFrom('all', 'exists', 'existsOne'), predicate)
    .map(([over, name, p]) => `${over}.${name}(i, x, ${p})`),
  fc.tuple(range, predicate, element).map(([over, p, e]) => `${over}.transformList(i, x, ${p}, ${e})`),
  fc.tuple(range, predicate, element).map(([over, p, e]) => `${over}.transformMap(i, x, ${p}, ${e})`),
  fc
    .tuple(range, predicate, fc.constantFrom('{i: x}', "{'k': i}", '{i: 1 / x}', 'absent', 'x'))
    .map(([over, p, e]) => `${over}.transformMapEntry(i, x, ${p}, ${e})`),
)

const scalar = fc.constantFrom<Value>(0, 1, 2, 'a', true, false, null, { a: true }, { a: 1 })
const activation = fc.tuple(
  fc.array(scalar, { maxLength: 5 }),
  fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), scalar),
  fc.constantFrom<Value>('a', 1),
)

function told(program: Program, values: readonly (Value | undefined)[], limit: number): unknown {
  const meter = new Meter(limit)
  try {
    return { value: plain(program.run(values, meter)), cost: meter.cost }
  } catch (error) {
    if (error instanceof CelError) return { error: error.message, cost: meter.cost }
    if (error instanceof Unknown) return { unknown: error.what, cost: meter.cost }
    if (error instanceof CostExceeded) return { exceeded: meter.cost }
    throw error
  }
}

describe('macros as direct loops', () => {
  test('give the value, the failure and the cost of the fold', () => {
    let compared = 0
    fc.assert(
      fc.property(
        macro,
        activation,
        fc.nat(ENVS.length - 1),
        fc.integer({ min: 1, max: 200 }),
        (text, values, release, limit) => {
          const env = ENVS[release] as Env
          const { expr } = parse(text, env.syntax)
          if (expr === undefined) return
          const checked = check(expr, env, text)
          if (checked.issues !== undefined) return
          const direct = new Program(expr, checked, env)
          const fold = new Program(expr, checked, env, true)
          const given = [...values, undefined]
          assert.deepEqual(told(direct, given, 1e6), told(fold, given, 1e6), text)
          assert.deepEqual(told(direct, given, limit), told(fold, given, limit), text)
          compared++
        },
      ),
      { numRuns: 3000, seed: 7 },
    )
    assert.ok(compared > 1500, `only ${compared} compiled`)
  })
})
