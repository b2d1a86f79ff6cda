import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CelError, compile, kubernetesEnv, Meter, type Value } from '../../cel.ts'
import { plain } from '../../plain.testing.ts'
import { DYN, INT, listOf, objectType, STRING, type Type } from '../../type.ts'

const FIELDS: ReadonlyMap<string, Type> = new Map([
  ['name', STRING],
  ['count', INT],
  ['tags', listOf(STRING)],
])

const provider = {
  findType: (name: string) => (name === 'Object' ? objectType('Object') : undefined),
  findField: (type: string, field: string) => (type === 'Object' ? FIELDS.get(field) : undefined),
}

const variables = new Map([['object', DYN]])

/** The value and the cost of an expression over an object. */
function told(text: string, env = kubernetesEnv({ minor: 36, variables, provider })): unknown {
  const { program, issues } = compile(text, env)
  assert.ok(program, JSON.stringify(issues))
  const meter = new Meter()
  try {
    return [plain(program.run([{ name: 'a' } as Value], meter)), meter.cost]
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    return [error.message, meter.cost]
  }
}

describe('what an expression makes', () => {
  test('a structure of its fields, at 40', () => {
    const map = [
      [{ string: 'count' }, { int: '2' }],
      [{ string: 'name' }, { string: 'a' }],
    ]
    assert.deepEqual(told('Object{name: object.name, count: 1 + 1}'), [{ map }, 43])
    assert.deepEqual(told('Object{}'), [{ map: [] }, 40])
  })

  test('a structure without the optional fields that are not there', () => {
    assert.deepEqual(told('Object{?name: object.?none}'), [{ map: [] }, 41])
    assert.deepEqual(told('Object{?name: object.?name}'), [{ map: [[{ string: 'name' }, { string: 'a' }]] }, 42])
    assert.deepEqual(told("Object{name: object.none, tags: ['x']}"), ['no such key: none', 42])
  })

  test('a structure as its provider makes it', () => {
    const makeValue = (type: string, fields: ReadonlyMap<string, Value>): Value => [type, ...fields.keys()]
    const env = kubernetesEnv({ minor: 36, variables, provider: { ...provider, makeValue } })
    assert.deepEqual(told("Object{name: 'x'}", env), [{ list: [{ string: 'Object' }, { string: 'name' }] }, 40])
  })

  test('lists and maps of constants for nothing, others at 10 and 30', () => {
    assert.deepEqual(told('[1, 2].size()'), [{ int: '2' }, 1])
    assert.deepEqual(told('[object.name, object.name].size()'), [{ int: '2' }, 15])
    assert.deepEqual(told("{'a': 1}.size()"), [{ int: '1' }, 1])
    assert.deepEqual(told("{'a': object.name}.size()"), [{ int: '1' }, 33])
  })
})
