import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CelError, CostExceeded, DYN, type Env, kubernetesEnv, Meter, STRING, Unknown, type Value } from '../../cel.ts'
import { check } from '../../check/check.ts'
import { parse } from '../../syntax/parse.ts'
import { Program } from '../program.ts'

const ENVS: readonly Env[] = [28, 32, 36].map((minor) =>
  kubernetesEnv({
    minor,
    variables: new Map([
      ['a', STRING],
      ['b', STRING],
      ['any', DYN],
      ['absent', STRING],
    ]),
  }),
)

const chain = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(
      'a',
      'b',
      "'x'",
      "''",
      "'𝒳 of more than sixteen'",
      "'\\ud7ff'",
      'any',
      'absent',
      'string(1 / size(b))',
    ),
    fc.tuple(tie('text'), tie('text')).map(([left, right]) => `${left} + ${right}`),
    fc.tuple(tie('text'), tie('text')).map(([left, right]) => `${left} + (${right})`),
  ),
})).text

/** Halves of code points among them, which are one when they meet. */
const text = fc.constantFrom(
  '',
  'a',
  'é',
  '\ud835',
  '\udcb3',
  '𝒳',
  'of seventeen more',
  `${'a'.repeat(40)}\ud835`,
  '\udcb3𝒳'.repeat(9),
)

function told(program: Program, values: readonly (Value | undefined)[], limit: number): unknown {
  const meter = new Meter(limit)
  try {
    return { value: program.run(values, meter), cost: meter.cost }
  } catch (error) {
    if (error instanceof CelError) return { error: error.message, cost: meter.cost }
    if (error instanceof Unknown) return { unknown: error.what, cost: meter.cost }
    if (error instanceof CostExceeded) return { exceeded: meter.cost }
    throw error
  }
}

test('chains of texts give the value, the failure and the cost of one call after the other', () => {
  let joined = 0
  let failed = 0
  fc.assert(
    fc.property(
      chain,
      fc.tuple(text, text, fc.oneof(text, fc.constantFrom<Value>(1, null, []))),
      fc.nat(ENVS.length - 1),
      fc.integer({ min: 1, max: 60 }),
      (source, values, release, limit) => {
        const env = ENVS[release] as Env
        const { expr } = parse(source, env.syntax)
        assert.ok(expr, source)
        const checked = check(expr, env, source)
        if (checked.issues !== undefined) return
        const direct = new Program(expr, checked, env)
        const calls = new Program(expr, checked, env, true)
        const given = [...values, undefined]
        const wanted = told(calls, given, 1e6)
        assert.deepEqual(told(direct, given, 1e6), wanted, source)
        assert.deepEqual(told(direct, given, limit), told(calls, given, limit), source)
        if (Object.hasOwn(wanted as object, 'value')) joined++
        else failed++
      },
    ),
    { numRuns: 3000, seed: 7 },
  )
  assert.ok(joined > 800 && failed > 800, `${joined} joined, ${failed} failed`)
})
