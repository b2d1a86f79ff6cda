import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Unknown } from '../error.ts'
import { restartWork } from '../run/work.ts'
import { cachedRegex, compileRegex, type Regex } from './re2.ts'

const made = (pattern: string): Regex => {
  const regex = compileRegex(pattern)
  assert.ok(typeof regex !== 'string', `${pattern}: ${regex}`)
  return regex
}

describe('what Go refuses is refused in its words', () => {
  const refused: readonly (readonly [pattern: string, problem: string])[] = [
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?<=a)b', 'invalid named capture: `(?<=a)b`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['\\Z', 'invalid escape sequence: `\\Z`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(?:a{1000}){2}', 'invalid repeat count: `{2}`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['\\p{Nope}', 'invalid character class range: `\\p{Nope}`'],
    ['[a', 'missing closing ]: `[a`'],
    ['(a', 'missing closing ): `(a`'],
    ['a)', 'unexpected ): `a)`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['\\', 'trailing backslash at end of expression: ``'],
    ['(?>a)', 'invalid or unsupported Perl syntax: `(?>`'],
  ]
  for (const [pattern, problem] of refused) {
    test(pattern, () => assert.equal(compileRegex(pattern), `error parsing regexp: ${problem}`))
  }
})

test('leftmost-first, flags, classes and anchors are those of Go', () => {
  const matching: readonly (readonly [pattern: string, text: string, first: string])[] = [
    ['a|ab', 'ab', 'a'],
    ['(?i)straße', 'STRAßE', 'STRAßE'],
    ['(?s)a.b', 'a\nb', 'a\nb'],
    ['(?m)^b$', 'a\nb', 'b'],
    ['\\pN+', 'x٣4', '٣4'],
    ['[[:alpha:]]+', '1ab', 'ab'],
    ['(?U)a+', 'aaa', 'a'],
    ['\\Qa.b\\E', 'a.b', 'a.b'],
    ['b\\z', 'ab', 'b'],
    ['.', '😀', '😀'],
  ]
  for (const [pattern, text, first] of matching) assert.equal(made(pattern).find(text), first, pattern)
  assert.ok(!made('a$').matches('a\n'))
  assert.ok(!made('a.b').matches('a\nb'))
})

test('all matches, as FindAllString lists them', () => {
  assert.deepEqual(made('b.').findAll('abcabd', -1), ['bc', 'bd'])
  assert.deepEqual(made('b.').findAll('abcabd', 1), ['bc'])
  assert.deepEqual(made('b.').findAll('abcabd', 0), [])
  assert.deepEqual(made('a*').findAll('baac', -1), ['', 'aa', ''])
  assert.deepEqual(made('').findAll('😀é', -1), ['', '', ''])
})

test('several groups of one name are no error in Go', () => {
  assert.equal(made('(?P<n>a)[(?P<n>\\]](?<n>b)\\Q(?P<n>').find('ap(b(?P<n>'), '')
  assert.equal(made('(?P<n>a)(?<n>b)').find('xab'), 'ab')
  assert.equal(compileRegex('(?P<n>a)(?P<n>b'), 'error parsing regexp: missing closing ): `(?P<n>a)(?P<n>b`')
})

test('a lone surrogate reads as U+FFFD', () => {
  assert.equal(made('^\\x{FFFD}$').find('\ud800'), '\ufffd')
})

test('what would take long is unknown, and what looks terrible is fast', () => {
  const bomb = 'a'.repeat(1 << 20)
  for (const pattern of ['(a+)+$', '(a*)*b', '(a|aa)+$', '(x+x+)+y']) {
    restartWork()
    made(pattern).matches(`${bomb}!`)
  }
  restartWork()
  assert.throws(() => made('((a{30}){30})$').find(bomb), Unknown)
  restartWork()
  assert.equal(made('[a-z]').findAll(bomb.slice(0, 1 << 18), -1).length, 1 << 18)
  restartWork()
  assert.throws(() => made('a*?b|a').findAll(bomb, -1), Unknown)
  restartWork()
})

test('patterns are remembered, but not too many of them', () => {
  const first = cachedRegex('remembered')
  assert.equal(cachedRegex('remembered'), first)
  for (let i = 0; i < 2000; i++) cachedRegex(`p${i}`)
  assert.notEqual(cachedRegex('remembered'), first)
})
