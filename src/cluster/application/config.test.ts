import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeApplicationConfig, matches, matchesGlob } from './config.ts'

test('a glob knows * and ?', () => {
  const yes = ['*', 'a*', '*b', 'a*b', 'a?b', '**', 'a-b', '*-*']
  for (const glob of yes) assert.ok(matchesGlob(glob, 'a-b'), glob)
  for (const glob of ['', 'a', 'b*', '?', 'a??b', 'A-b', '[a]-b']) assert.ok(!matchesGlob(glob, 'a-b'), glob)
  assert.ok(matchesGlob('', ''))
  // A backtracking matcher would take for ever.
  assert.ok(!matchesGlob(`${'a*'.repeat(100)}b`, 'a'.repeat(250)))
})

test('a glob agrees with the regular expression it means', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
  fc.assert(
    fc.property(glob, text, (pattern, given) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(given)
      assert.equal(matchesGlob(pattern, given), expected)
    }),
  )
})

test('all conditions of a rule hold; a rule without any matches nothing', () => {
  const candidate = { namespace: 'shop', kind: 'Deployment', name: 'web-1', labels: [new Map([['app', 'web']])] }
  const is = (rule: object) => matches(rule, candidate, undefined)
  assert.ok(is({ name: 'web-*', kinds: ['Deployment'], namespaces: ['s*'] }))
  assert.ok(!is({ name: 'web-*', kinds: ['Job'] }))
  assert.ok(is({ labels: [{ key: 'app', operator: 'In', values: ['web'] }] }))
  assert.ok(!is({ namespaceLabels: [] }))
  assert.ok(!is({}))
})

test('decoding tells what it leaves out', () => {
  const { config, problems } = decodeApplicationConfig({
    rules: [
      { application: 'shop', team: 't', select: { namespaces: ['a'], labels: { matchLabels: { app: 'x' } } } },
      { select: { name: 'x' } },
      { application: 'lost' },
      { application: 'bad', select: { labels: { matchExpressions: [{ key: 'a', operator: 'Like' }] } } },
    ],
    ownerKeys: ['squad', 3],
    keys: [],
  })
  assert.equal(config.rules?.length, 1)
  assert.deepEqual(config.ownerKeys, ['squad'])
  assert.equal(config.applicationKeys, undefined)
  assert.deepEqual(problems, [
    'applications: "keys" is not one of rules, applicationKeys, ownerKeys',
    'applications.rules[1] names neither an application nor a team',
    'applications.rules[2].select is missing: it would match nothing',
    'applications.rules[3].select.labels: "Like" is not a valid label selector operator',
    'applications.ownerKeys is not a list of strings',
  ])
  assert.deepEqual(decodeApplicationConfig(undefined).config.rules, [])
})

test('labels written without matchLabels are told, for an empty selector would match everything', () => {
  const { problems } = decodeApplicationConfig({ rules: [{ application: 'a', select: { labels: { app: 'x' } } }] })
  assert.deepEqual(problems, ['applications.rules[0].select.labels: "app" is not one of matchLabels, matchExpressions'])
})
