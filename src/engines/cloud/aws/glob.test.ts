import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { matches } from './glob.ts'
import { expand } from './variables.ts'

function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)))
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1))
}

describe('patterns', () => {
  test('match what the definition of * and ? matches', () => {
    const word = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 })
    fc.assert(
      fc.property(word('ab*?'), word('ab'), (pattern, text) => {
        assert.equal(matches(pattern, text), naive(pattern, text) ? 'yes' : 'no')
      }),
      { numRuns: 20_000 },
    )
  })
  test('take no time that grows with the square', () => {
    const bomb = `${'a*'.repeat(200_000)}b`
    const started = process.cpuUsage()
    assert.notEqual(matches(bomb, 'a'.repeat(2000)), 'yes')
    assert.notEqual(matches(`*${'a'.repeat(20_000)}b`, 'a'.repeat(40_000)), 'yes')
    assert.equal(matches('*'.repeat(100_000), 'x'), 'yes')
    assert.ok(process.cpuUsage(started).user < 2_000_000)
  })
})

describe('variables', () => {
  const values = new Map<string, readonly string[] | null>([
    ['aws:username', ['a*b']],
    ['gone', null],
  ])
  const of = (pattern: string, variables = true) => expand(pattern, { variables, wild: true }, (key) => values.get(key))
  test('a value that is put in is literal', () => {
    const { glob } = of(`home/\${aws:username}/*`)
    assert.equal(matches(glob, 'home/a*b/x'), 'yes')
    assert.equal(matches(glob, 'home/axb/x'), 'no')
  })
  test('what is not known matches anything, and is named', () => {
    const { glob, unknown } = of(`home/\${aws:userid}/x`)
    assert.deepEqual(unknown, ['aws:userid'])
    assert.equal(matches(glob, 'home/whoever/x'), 'yes')
    assert.equal(matches(glob, 'work/whoever/x'), 'no')
  })
  test('what is not there has the value that is written for that, or none', () => {
    assert.equal(of(`\${gone}`).missing, true)
    assert.equal(matches(of(`\${gone, 'none'}`).glob, 'none'), 'yes')
  })
  test(`\${*} is a star; an old document has no variables; what is not closed is text`, () => {
    assert.equal(matches(of(`\${*}`).glob, '*'), 'yes')
    assert.equal(matches(of(`\${*}`).glob, 'x'), 'no')
    assert.equal(matches(of(`\${aws:username}`, false).glob, `\${aws:username}`), 'yes')
    assert.equal(matches(of('a${b').glob, 'a${b'), 'yes')
  })
})
