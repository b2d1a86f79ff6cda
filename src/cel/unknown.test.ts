import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CelError, compile, type Fields, kubernetesEnv, Meter, Unknown, type Value } from './cel.ts'
import { DYN } from './type.ts'

const env = kubernetesEnv({
  minor: 36,
  variables: new Map([
    ['known', DYN],
    ['params', DYN],
    ['parts', DYN],
  ]),
})

/** An object of which one field is there, one is not known and one is broken. */
const parts: Fields = {
  fields: true,
  get: (name) => {
    if (name === 'present') return 1
    if (name === 'hidden') throw new Unknown('hidden')
    if (name === 'broken') throw new CelError('broken')
    return undefined
  },
}

/** The value of an expression, the text of its error, or what it does not know, in brackets. */
function told(text: string): unknown {
  const { program, issues } = compile(text, env)
  assert.ok(program, JSON.stringify(issues))
  try {
    return program.run([{ list: [0, 1, 2], yes: true } as Value, undefined, parts], new Meter())
  } catch (error) {
    if (error instanceof Unknown) return `<${error.what}>`
    if (error instanceof CelError) return error.message
    throw error
  }
}

const CASES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'reading what is not known is unknown': {
    params: '<params>',
    'params.a.b': '<params>',
    'has(params.a)': '<params>',
    'params.?a.orValue(1)': '<params>',
    'params == 1': '<params>',
    'params + 1': '<params>',
    '[params]': '<params>',
    "{'a': params}": '<params>',
    'known.list[params]': '<params>',
    'params in [1, 2]': '<params>',
    'params.all(x, x)': '<params>',
    'size(params)': '<params>',
    'string(params)': '<params>',
  },
  'the decisive side of && and || wins over it': {
    'false && params': false,
    'params && false': false,
    'params == 1 && false': false,
    'true || params': true,
    'params || true': true,
    'true && params': '<params>',
    'params && true': '<params>',
    'false || params': '<params>',
    'known.yes || params': true,
  },
  'it is stronger than an error': {
    'params && 1 / 0 == 1': '<params>',
    '1 / 0 == 1 && params': '<params>',
    '1 / 0 == 1 || params': '<params>',
    '1 / 0 == 1 && params && false': false,
    '1 / 0 == 1 || params || true': true,
  },
  'of a strict call the first argument that fails counts': {
    '1 / 0 + params': 'division by zero',
    'params + 1 / 0': '<params>',
  },
  'a ternary is as unknown as its condition, or as what it takes': {
    'params ? 1 : 2': '<params>',
    'true ? 1 : params': 1,
    'false ? 1 : params': '<params>',
  },
  'loops absorb it as the operators do': {
    'known.list.all(x, x > 0 && params)': false,
    'known.list.all(x, x >= 0 && params)': '<params>',
    'known.list.exists(x, x == 2 || params)': true,
    'known.list.exists(x, params)': '<params>',
    'known.list.exists(x, params || 1 / x == 7)': '<params>',
    'known.list.map(x, params)': '<params>',
    'known.list.filter(x, x > 5 && params)': [],
    'known.list.filter(x, params)': '<params>',
    'known.list.exists_one(x, params)': '<params>',
  },
  'a computed field may be unknown, broken or absent': {
    'parts.present': 1,
    'parts.hidden': '<hidden>',
    'parts.hidden.a': '<hidden>',
    'has(parts.hidden)': '<hidden>',
    'has(parts.present) && !has(parts.absent)': true,
    'parts.hidden == 1 || parts.present == 1': true,
    'parts.broken': 'broken',
    'parts.broken == 1 || true': true,
    'parts.absent': 'no such key: absent',
    'parts.?absent.orValue(3)': 3,
    'parts.?hidden.orValue(3)': '<hidden>',
  },
}

describe('what is not known', () => {
  for (const [name, cases] of Object.entries(CASES)) {
    test(name, () => {
      for (const [text, expected] of Object.entries(cases)) assert.deepEqual(told(text), expected, text)
    })
  }
})

describe('a program', () => {
  test('may run inside itself', () => {
    const self = kubernetesEnv({ minor: 36, variables: new Map([['v', DYN]]) })
    const { program } = compile('v.n == 0 ? 0 : 1 + v.next + v.n - v.n', self)
    assert.ok(program)
    const at = (n: number): Fields => ({
      fields: true,
      get: (name) => (name === 'n' ? n : program.run([at(n - 1)], new Meter())),
    })
    assert.equal(program.run([at(5)], new Meter()), 5)
  })

  test('adds to the meter that it is given', () => {
    const { program } = compile('known.list.size() == 3', env)
    assert.ok(program)
    const meter = new Meter()
    program.run([{ list: [1, 2, 3] } as Value], meter)
    const once = meter.cost
    program.run([{ list: [1, 2, 3] } as Value], meter)
    assert.ok(once > 0)
    assert.equal(meter.cost, 2 * once)
  })

  test('of a constant that cannot be converted is refused', () => {
    const { issues } = compile("int('x')", env)
    assert.deepEqual(
      issues?.map(({ message }) => message),
      ["program instantiation failed: type conversion error from 'string' to 'int'"],
    )
  })
})
