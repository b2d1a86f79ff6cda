import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate, gives } from './evaluate.testing.ts'

const VALID: Readonly<Record<string, readonly string[]>> = {
  dns1123Label: ['a', 'a-1', 'a'.repeat(63)],
  dns1123Subdomain: ['a.b-c', `${'a.'.repeat(126)}a`],
  dns1035Label: ['a', 'a1'],
  qualifiedName: ['a', 'A_b', 'x.y/A.b', 'a'.repeat(63)],
  dns1123LabelPrefix: ['a-'],
  dns1123SubdomainPrefix: ['a.b-', 'a.-'],
  dns1035LabelPrefix: ['a-'],
  labelValue: ['', 'A_b'],
  uri: ['http://a/b', '/x'],
  uuid: ['123E4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000'],
  byte: ['YQ==', 'YWJj'],
  date: ['2020-02-29', '0000-01-01'],
  datetime: ['2020-01-01t10:20:30.5-01:00', '2020-01-01T10:20:30Ztrailing'],
}

const INVALID: Readonly<Record<string, readonly string[]>> = {
  dns1123Label: ['', 'A', 'a.b', '-a', 'a\n', 'a'.repeat(64)],
  dns1123Subdomain: ['a..b', 'a_b', `${'a.'.repeat(127)}a`],
  dns1035Label: ['1a', 'a.b'],
  qualifiedName: ['a/b/c', '/b', 'a/', 'A_/b', '-'],
  dns1123LabelPrefix: ['-'],
  dns1123SubdomainPrefix: ['Ab-'],
  dns1035LabelPrefix: ['1a-'],
  labelValue: ['-a', 'é'],
  uri: ['a b', 'http://[::1'],
  uuid: ['x', '123e4567-e89b-12d3-a456-42661417400'],
  byte: ['', 'YWI', '===='],
  date: ['2021-02-29', '2020-1-01', '2020-00-01'],
  datetime: ['2020-01-01', '2020-01-01T24:00:00Z', '2020-01-01T10:20:30'],
}

for (const [table, valid] of [
  [VALID, true],
  [INVALID, false],
] as const) {
  for (const [name, texts] of Object.entries(table)) {
    test(`${name}: ${valid ? 'valid' : 'invalid'}`, () => {
      for (const text of texts) {
        const told = evaluate(`!format.named('${name}').value().validate(${JSON.stringify(text)}).hasValue()`).told
        assert.equal(told, valid, text)
        assert.deepEqual(evaluate(`!format.${name}().validate(${JSON.stringify(text)}).hasValue()`).told, valid)
      }
    })
  }
}

gives('the problems are in the words of Kubernetes', [
  ["format.dns1123Label().validate('a.b').value()", ['must not contain dots']],
  [`format.dns1123Label().validate('${'a'.repeat(64)}').value()`, ['must be no more than 63 characters']],
  [`format.labelValue().validate('${'a'.repeat(64)}').value()`, ['must be no more than 63 bytes']],
  ["format.qualifiedName().validate('a/').value()[0]", 'name part must be non-empty'],
  ["format.uri().validate('a b').value()", ['parse "a b": invalid URI for request']],
  ["format.named('nope')", 'none'],
  ['format.uuid() == format.uuid() && format.uuid() != format.byte()', true],
])

gives(
  'labels had other words up to 1.34',
  [
    [`format.labelValue().validate('${'a'.repeat(64)}').value()`, ['must be no more than 63 characters']],
    ["format.qualifiedName().validate('a/b/c').value()[0].startsWith('a qualified name must consist of')", true],
  ],
  { minor: 34 },
)
