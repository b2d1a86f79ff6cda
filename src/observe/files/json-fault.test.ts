import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonFault } from './json-fault.ts'

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('finds a fault where JSON.parse does, and nowhere else', () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '"', '{', ']', ',', ':', '\\', '\n', '0', '-', 'x', '\u0001'),
      fc.nat(2),
    )
    .map(([json, at, put, cut]) => {
      const place = at % (json.length + 1)
      return json.slice(0, place) + put + json.slice(place + cut)
    })
  fc.assert(
    fc.property(broken, (text) => assert.equal(jsonFault(text) === undefined, parses(text), text)),
    { numRuns: 3000 },
  )
})

test('tells the place, and never the text', () => {
  const at = (text: string): string => {
    const fault = jsonFault(text)
    return `${fault?.offset} ${fault?.why}`
  }
  assert.equal(at('{"p": hunter2}'), '6 no JSON value begins here')
  assert.equal(at('{"p": "a" "b"}'), '10 a comma or the end of the object is expected')
  assert.equal(at('["a\nb"]'), '3 a control character in a string')
  assert.equal(at('{"p": "hunter2'), '6 a string does not end')
  assert.equal(at('{} x'), '3 text after the end of the JSON value')
  assert.equal(at('{"a":1,}'), '7 a key in double quotes is expected')
})
