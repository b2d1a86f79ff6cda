import assert from 'node:assert/strict'
import { test } from 'node:test'
import { librariesOf } from './libraries.ts'

const FIRST: Readonly<Record<string, number>> = {
  'kubernetes.urls': 28,
  'kubernetes.regex': 28,
  'kubernetes.lists': 28,
  'kubernetes.authz': 28,
  'kubernetes.quantity': 28,
  'cel.lib.ext.strings': 28,
  'cel.lib.ext.sets': 29,
  'kubernetes.net.ip': 30,
  'kubernetes.net.cidr': 30,
  'kubernetes.format': 31,
  'kubernetes.authzSelectors': 32,
  'cel.lib.ext.comprev2': 32,
  'kubernetes.Semver': 33,
  'cel.lib.ext.lists': 34,
}

const names = (minor: number, language = minor): readonly string[] =>
  librariesOf(minor, language).map(({ name }) => name)

test('each library comes with the release that base.go says, once', () => {
  for (let minor = 28; minor <= 37; minor++) {
    const expected = Object.keys(FIRST).filter((name) => (FIRST[name] as number) <= minor)
    assert.deepEqual(names(minor).toSorted(), expected.toSorted(), `1.${minor}`)
  }
})

test('an expression knows what both its language and the server know', () => {
  assert.deepEqual(names(34, 33), names(33))
  assert.ok(
    names(32, 31).includes('kubernetes.authzSelectors'),
    'its language is that of 1.31, its gate is open from 1.32 on',
  )
  assert.deepEqual(names(30, 37), names(30))
})

const has = (minor: number, fn: string): boolean =>
  librariesOf(minor, minor).some(({ functions }) => functions?.some(({ name }) => name === fn))

test('versions of a library replace each other', () => {
  assert.deepEqual(
    [28, 29].map((minor) => has(minor, 'format')),
    [false, true],
  )
  assert.deepEqual(
    [36, 37].map((minor) => has(minor, 'includes')),
    [false, true],
  )
})

test('overload ids are distinct within a release', () => {
  for (let minor = 28; minor <= 37; minor++) {
    const ids = librariesOf(minor, minor).flatMap(({ functions = [] }) =>
      functions.flatMap(({ overloads }) => overloads.map(({ id }) => id)),
    )
    assert.equal(new Set(ids).size, ids.length)
  }
})
