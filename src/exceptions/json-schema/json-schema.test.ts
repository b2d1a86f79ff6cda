import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv2019 } from 'ajv/dist/2019.js'
import fc from 'fast-check'
import type { Json } from '../../cluster/json.ts'
import { parseSchema } from './schema.ts'
import { validate } from './validate.ts'

function judge(schema: Json, value: Json): ReturnType<typeof validate> {
  const parsed = parseSchema(schema)
  if (typeof parsed === 'string') throw new Error(parsed)
  return validate(parsed, value)
}

const isValid = (schema: Json, value: Json): boolean => judge(schema, value) === undefined

describe('JSON Schema', () => {
  test('judges as ajv does: generated schemas and values', () => {
    const ajv = new Ajv2019({ strict: false, ownProperties: true, logger: false })
    const key = fc.constantFrom('a', 'b', '__proto__', 'constructor')
    const scalar = fc.oneof(fc.boolean(), fc.integer({ min: -3, max: 3 }), fc.constantFrom('', 'a', 'ab', 'é😀', '0.5'))
    const mapping = (item: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
      fc.array(fc.tuple(key, item), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs))
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        scalar,
        fc.array(tie('value'), { maxLength: 3 }),
        mapping(tie('value')),
      ),
    }))
    const count = fc.integer({ min: 0, max: 3 })
    const { schema } = fc.letrec<{ schema: Json }>((tie) => {
      const sub = tie('schema')
      const some = fc.array(sub, { minLength: 1, maxLength: 3 })
      const keyword: fc.Arbitrary<[string, Json]> = fc.oneof(
        fc.tuple(fc.constant('type'), fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean')),
        fc.tuple(fc.constant('const'), value),
        fc.tuple(fc.constant('enum'), fc.array(value, { minLength: 1, maxLength: 3 })),
        fc.tuple(fc.constant('properties'), mapping(sub)),
        fc.tuple(
          fc.constant('patternProperties'),
          fc.tuple(fc.constantFrom('a', '^_'), sub).map((p) => Object.fromEntries([p])),
        ),
        fc.tuple(
          fc.constantFrom(
            'additionalProperties',
            'items',
            'contains',
            'not',
            'if',
            'then',
            'else',
            'additionalItems',
            'propertyNames',
          ),
          sub,
        ),
        fc.tuple(fc.constant('required'), fc.uniqueArray(key, { maxLength: 2 })),
        fc.tuple(
          fc.constant('dependentRequired'),
          fc.tuple(key, fc.array(key, { maxLength: 1 })).map((p) => Object.fromEntries([p])),
        ),
        fc.tuple(
          fc.constant('dependentSchemas'),
          fc.tuple(key, sub).map((p) => Object.fromEntries([p])),
        ),
        fc.tuple(
          fc.constantFrom(
            'minItems',
            'maxItems',
            'minProperties',
            'maxProperties',
            'minLength',
            'maxLength',
            'minContains',
            'maxContains',
          ),
          count,
        ),
        fc.tuple(
          fc.constantFrom('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'),
          fc.integer({ min: -2, max: 2 }),
        ),
        fc.tuple(fc.constant('multipleOf'), fc.constantFrom(1, 2)),
        fc.tuple(fc.constant('uniqueItems'), fc.boolean()),
        fc.tuple(fc.constant('pattern'), fc.constantFrom('a', '^a$', 'b|^$')),
        fc.tuple(fc.constant('items'), some),
        fc.tuple(fc.constantFrom('allOf', 'anyOf', 'oneOf'), some),
      )
      return {
        schema: fc.oneof(
          { maxDepth: 4, withCrossShrink: true },
          fc.boolean(),
          fc.array(keyword, { minLength: 1, maxLength: 4 }).map((pairs) => Object.fromEntries(pairs) as Json),
        ),
      }
    })
    let valid = 0
    let all = 0
    fc.assert(
      fc.property(schema, fc.array(value, { minLength: 4, maxLength: 8 }), (given, values) => {
        // ajv leaves an own key `__proto__` of `properties` out: https://github.com/ajv-validator/ajv/issues/1346
        fc.pre(!JSON.stringify(given).includes('__proto__'))
        const theirs = ajv.compile(given as object)
        for (const each of values) {
          const expected = theirs(each)
          assert.equal(isValid(given, each), expected, JSON.stringify({ given, each }))
          all++
          if (expected) valid++
        }
        ajv.removeSchema()
      }),
      { numRuns: 1_500, seed: 5 },
    )
    assert.ok(all > 3_000 && valid > all / 10 && valid < (all * 9) / 10, `${valid} of ${all}`)
  })

  test('follows references within the schema, also to itself', () => {
    const schema: Json = {
      $ref: '#/$defs/a~1b',
      $defs: { 'a/b': { type: 'object', additionalProperties: { $ref: '#' } } },
    }
    assert.ok(isValid(schema, { x: { y: {} } }))
    assert.deepEqual(judge(schema, { x: { y: 1 } }), { path: ['x', 'y'], message: 'is not object' })
  })

  test('quantities are compared as Kubernetes compares them', () => {
    assert.ok(isValid({ resourceMinimum: '100m' }, '0.1'))
    assert.ok(isValid({ resourceMaximum: '1Gi' }, '1024Mi'))
    assert.ok(isValid({ resourceMaximum: '2' }, 1))
    assert.ok(!isValid({ resourceMaximum: '1G' }, '1Gi'))
    assert.ok(!isValid({ resourceMinimum: '1' }, '999m'))
    assert.ok(!isValid({ resourceMinimum: '1' }, 'much'))
    assert.ok(!isValid({ resourceMinimum: '1' }, true))
    assert.ok(isValid({ properties: { cpu: { resourceMinimum: '1' } } }, {}))
  })

  test('a field that is null is absent', () => {
    assert.ok(!isValid({ required: ['a'] }, { a: null }))
    assert.ok(isValid({ properties: { a: false } }, { a: null }))
    assert.ok(isValid({ const: { b: 1 } }, { a: null, b: 1 }))
  })

  test('keys of Object.prototype are keys like any other', () => {
    const hostile = JSON.parse('{"__proto__": 1, "constructor": 2}') as Json
    const schema = JSON.parse('{"properties": {"__proto__": {"const": 2}}}') as Json
    assert.deepEqual(judge(schema, hostile), { path: ['__proto__'], message: 'is another value' })
    assert.ok(isValid({ properties: { toString: false } }, {}))
    assert.ok(!isValid({ required: ['constructor'] }, {}))
  })

  test('what is not known or not well formed refuses the schema', () => {
    const refused: readonly [Json, RegExp][] = [
      [{ unevaluatedProperties: false }, /unevaluatedProperties/],
      [{ $recursiveRef: '#' }, /recursiveRef/],
      [{ propertes: {} }, /propertes/],
      [{ type: 'text' }, /type is not a type/],
      [{ pattern: '(?=a)' }, /pattern .*invalid/],
      [{ pattern: '(a{1000}){1000}' }, /pattern/],
      [{ patternProperties: { '[': true } }, /missing closing \]/],
      [{ $ref: 'https://example.com/schema' }, /points to nothing/],
      [{ $ref: '#/$defs/none' }, /points to nothing/],
      [{ $ref: '#/constructor' }, /points to nothing/],
      [{ properties: [] }, /properties is not a mapping/],
      [{ anyOf: [] }, /anyOf is not a list/],
      [{ multipleOf: 0 }, /multipleOf/],
      [{ resourceMinimum: 1 }, /quantity/],
      ['text', /neither a mapping/],
      [{ minLength: -1 }, /minLength is not a count/],
    ]
    for (const [schema, told] of refused) {
      const parsed = parseSchema(schema)
      assert.equal(typeof parsed, 'string', JSON.stringify(schema))
      assert.match(parsed as string, told)
    }
  })

  test('huge, deep and endless schemas end', () => {
    let deep: Json = true
    for (let index = 0; index < 3_000; index++) deep = { not: deep }
    assert.match(parseSchema(deep) as string, /deeper/)
    const wide = { allOf: Array.from({ length: 6_000 }, () => ({})) }
    assert.match(parseSchema(wide) as string, /more than/)
    assert.equal(judge({ $ref: '#' }, {}), 'unknown')
    assert.equal(
      judge({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, 1),
      'unknown',
    )
    const doubling: Record<string, Json> = { d15: false }
    for (let index = 0; index < 15; index++) {
      const next = { $ref: `#/$defs/d${index + 1}` }
      doubling[`d${index}`] = { anyOf: [next, next, next, next] }
    }
    const before = process.cpuUsage()
    assert.equal(judge({ $ref: '#/$defs/d0', $defs: doubling }, {}), 'unknown')
    assert.ok(process.cpuUsage(before).user < 20_000_000)
  })

  test('a pattern that would make a backtracking matcher hang does not', () => {
    assert.ok(!isValid({ pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}b`))
  })
})
