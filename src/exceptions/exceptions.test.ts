import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deployment, exceptionText, judge, lines, uses } from './testing.ts'

const spec = (resources: string, checks = 'own-privileged', expires = 'never'): string =>
  `{resources: [${resources}], checks: ["${checks}"], reason: r, owner: o, expires: ${expires}}`

const privilegedOf = (results: Parameters<typeof lines>[0]): readonly string[] =>
  lines(results).filter((line) => line.startsWith('own-privileged'))

describe('exceptions as objects', () => {
  test('silence what they select, count it, and change nothing else', () => {
    const given = exceptionText(spec('{kinds: [Deployment], names: [web], namespaces: [shop]}'))
    const results = judge(deployment('web') + deployment('db'), given)
    assert.deepEqual(lines(results), [
      'own-privileged Deployment/web excepted by x',
      'own-sealed Deployment/web [main] fail',
      'own-tagged Deployment/web [main] fail',
      'own-privileged Deployment/db [main] fail',
      'own-sealed Deployment/db [main] fail',
      'own-tagged Deployment/db [main] fail',
    ])
    assert.deepEqual(results.counts.get('own-privileged'), { pass: 0, fail: 1, unknown: 0, excepted: 1 })
    assert.deepEqual(uses(results), ['x used 1'])
  })

  test('select by kind, name, namespace and labels, with * and nothing else that is special', () => {
    const cases: readonly [selector: string, matches: boolean][] = [
      ['{names: ["w*"]}', true],
      ['{names: ["*e*"]}', true],
      ['{names: ["W*"]}', false],
      ['{names: [we]}', false],
      ['{names: ["web.*"]}', false],
      ['{names: ["[w]eb"]}', false],
      ['{kinds: [Deployment.apps]}', true],
      ['{kinds: [StatefulSet, Deploy*]}', true],
      ['{kinds: [Pod]}', false],
      ['{namespaces: [sho]}', false],
      ['{namespaces: ["*"]}', true],
      ['{labels: {matchLabels: {team: a}}}', true],
      ['{labels: {matchExpressions: [{key: team, operator: NotIn, values: [a]}]}}', false],
      ['{names: [web], namespaces: [other]}', false],
      ['{names: [other]}, {namespaces: [shop]}', true],
      ['{names: [constructor, __proto__]}', false],
    ]
    for (const [selector, matches] of cases) {
      const results = judge(deployment('web', 'labels: {team: a}'), exceptionText(spec(selector)))
      assert.equal(privilegedOf(results)[0]?.endsWith('by x'), matches, selector)
      assert.deepEqual(uses(results), [matches ? 'x used 1' : 'x unused 0'], selector)
    }
  })

  test('of one container leave the others failing', () => {
    const given = exceptionText(spec('{containers: ["side*"]}'))
    const some = judge(deployment('web', '', ['main', 'sidecar']), given)
    assert.deepEqual(privilegedOf(some), ['own-privileged Deployment/web [main] fail by x'])
    assert.deepEqual(some.counts.get('own-privileged'), { pass: 0, fail: 1, unknown: 0, excepted: 0 })
    const all = judge(deployment('web', '', ['sidecar', 'side-b']), given)
    assert.deepEqual(privilegedOf(all), ['own-privileged Deployment/web excepted by x'])
    assert.deepEqual(uses(judge(deployment('web'), given)), ['x unused 0'])
    const two = given + exceptionText(spec('{containers: [main]}'), 'z')
    const both = judge(deployment('web', '', ['main', 'sidecar']), two)
    assert.deepEqual(privilegedOf(both), ['own-privileged Deployment/web excepted by x'])
    assert.deepEqual(uses(both), ['x used 1', 'z used 1'])
  })

  test('name checks by id, by glob, and by the ids of other tools', () => {
    const cases: readonly [check: string, lines: number, state: string][] = [
      ['own-privileged', 1, 'used'],
      ['own-*', 2, 'used'],
      ['polaris:runAsPrivileged', 1, 'used'],
      ['polaris:runasprivileged', 0, 'unknown-check'],
      ['trivy:KSV-0010', 1, 'used'],
      ['trivy:AVD-KSV-0010', 1, 'used'],
      ['trivy:ksv010', 1, 'used'],
      ['kubescape:c-0010', 1, 'used'],
      ['checkov:CKV_K8S_1', 0, 'unknown-check'],
      ['kube-score:*', 2, 'used'],
      ['constructor:x', 0, 'unknown-check'],
      ['no-such-check', 0, 'unknown-check'],
    ]
    for (const [check, count, state] of cases) {
      const results = judge(deployment('web'), exceptionText(spec('{names: ["*"]}', check)))
      assert.equal(lines(results).filter((line) => line.endsWith('excepted by x')).length, count, check)
      assert.equal(results.exceptions.uses[0]?.state, state, check)
      assert.deepEqual(results.exceptions.uses[0]?.unknownChecks, state === 'unknown-check' ? [check] : [], check)
    }
  })

  test('hold through the day that they name', () => {
    const state = (expires: string): string | undefined =>
      judge(deployment('web'), exceptionText(spec('{names: [web]}', 'own-privileged', `"${expires}"`))).exceptions
        .uses[0]?.state
    assert.equal(state('2026-11-20'), 'expired')
    assert.equal(state('2026-11-21'), 'used')
    assert.equal(state('2026-11-22'), 'used')
    assert.equal(state('9999-12-31'), 'used')
    const expired = judge(deployment('web'), exceptionText(spec('{names: [web]}', 'own-privileged', '"2026-11-20"')))
    assert.deepEqual(privilegedOf(expired), ['own-privileged Deployment/web [main] fail'])
    assert.deepEqual(uses(expired), ['x expired 1'])
  })

  test('never except mandatory checks, and are said to have tried', () => {
    const results = judge(
      deployment('web') + exceptionText(spec('{names: [web]}', '*'), 'tree'),
      exceptionText(spec('{names: [web]}', '*')),
    )
    assert.deepEqual(lines(results), [
      'own-privileged Deployment/web excepted by x',
      'own-sealed Deployment/web [main] fail',
      'own-tagged Deployment/web excepted by x',
    ])
    assert.deepEqual(
      results.exceptions.uses.map(({ mandatory }) => mandatory),
      [['own-sealed'], ['own-sealed']],
    )
  })

  test('found in what is scanned, silence and are listed as such; without a day of today, only those that never end', () => {
    const tree = deployment('web') + exceptionText(spec('{names: [web]}'))
    const results = judge(tree)
    assert.deepEqual(privilegedOf(results), ['own-privileged Deployment/web excepted by x'])
    assert.equal(results.exceptions.uses[0]?.exception.from, 'tree')
    const ending = deployment('web') + exceptionText(spec('{names: [web]}', 'own-privileged', '"2099-01-01"'))
    const options = { ...(undefined as never as object), exceptions: undefined as never }
    assert.deepEqual(privilegedOf(judge(ending, '', options)), ['own-privileged Deployment/web [main] fail'])
    assert.deepEqual(privilegedOf(judge(tree, '', options)), ['own-privileged Deployment/web excepted by x'])
  })

  test('that are malformed say everything that is wrong, and the others still count', () => {
    const cases: readonly [spec: string, told: readonly RegExp[]][] = [
      ['{}', [/resources is missing/, /checks is not/, /reason is missing/, /owner is missing/, /expires is missing/]],
      [spec('{}'), [/names nothing/]],
      [spec('{name: [web]}'), [/"name" is not one of/]],
      [spec('{names: []}'), [/names is empty/]],
      [spec('{names: [1]}'), [/names is not a list of texts/]],
      [spec('{names: ["", a]}'), [/empty or longer/]],
      [spec('{labels: {matchExpressions: [{key: a, operator: Is}]}}'), [/labels: "Is"/]],
      [spec('7'), [/is not a mapping/]],
      [spec('{names: [a]}', 'own-privileged', '2026-02-30'), [/neither a day/]],
      [spec('{names: [a]}', 'own-privileged', 'soon'), [/neither a day/]],
      [`{resources: [{names: [a]}], checks: [a], reason: " ", owner: o, expires: never}`, [/reason is missing/]],
      [
        `{resources: [{names: [a]}], check: a, checks: [a], reason: r, owner: o, expires: never}`,
        [/"check" is not one of/],
      ],
      [`{resources: [{names: [a]}], checks: [1], reason: r, owner: o, expires: never}`, [/list of names of checks/]],
      [
        `{resources: [${'{names: [a]}, '.repeat(201)}], checks: [a], reason: r, owner: o, expires: never}`,
        [/more than 200/],
      ],
      [
        `{resources: [{names: [${'a, '.repeat(1001)}]}], checks: [a], reason: r, owner: o, expires: never}`,
        [/more than 1000/],
      ],
    ]
    for (const [text, told] of cases) {
      const results = judge(deployment('web'), exceptionText(text, 'bad') + exceptionText(spec('{names: [web]}')))
      assert.deepEqual(uses(results), ['x used 1'], text)
      const { notes } = results.exceptions
      assert.equal(notes.length, told.length, text)
      for (const [index, pattern] of told.entries()) assert.match(notes[index]?.text ?? '', pattern)
      assert.ok(notes.every(({ kind, location }) => kind === 'malformed' && location?.file === 'given'))
    }
    const old = exceptionText(spec('{names: [web]}')).replace('v1alpha1', 'v2')
    assert.match(judge(deployment('web'), old).exceptions.notes[0]?.text ?? '', /v2 is not known/)
  })

  test('cover what controllers made of the resource, by uid and not by name', () => {
    const uid = 'uid: abc'
    const owned = (reference: string): string => `
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-1, namespace: shop, ownerReferences: [{${reference}}]}
spec: {template: {spec: {containers: [{name: main, image: a, securityContext: {privileged: true}}]}}}
`
    const given = exceptionText(spec('{kinds: [Deployment], names: [web]}'))
    const of = (reference: string): string | undefined =>
      privilegedOf(judge(deployment('web', uid) + owned(reference), given))[1]
    const good = 'apiVersion: apps/v1, kind: Deployment, name: web, uid: abc, controller: true'
    assert.equal(of(good), 'own-privileged ReplicaSet/web-1 excepted by x')
    const failing = 'own-privileged ReplicaSet/web-1 [main] fail'
    assert.equal(of(good.replace('uid: abc', 'uid: other')), failing)
    assert.equal(of(good.replace(', uid: abc', '')), failing)
    assert.equal(of(good.replace('name: web', 'name: db')), failing)
    assert.equal(of(good.replace(', controller: true', '')), failing)
  })

  test('owners in a circle end', () => {
    const pod = (name: string, owner: string): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, uid: ${name}, ownerReferences: [{kind: Pod, name: ${owner}, uid: ${owner}, controller: true}]}
spec: {containers: [{name: main, image: a, securityContext: {privileged: true}}]}
`
    const results = judge(pod('a', 'b') + pod('b', 'a'), exceptionText(spec('{names: [b]}')))
    assert.deepEqual(privilegedOf(results), [
      'own-privileged Pod/a excepted by x',
      'own-privileged Pod/b excepted by x',
    ])
  })

  test('more than a thousand in what is scanned are not read', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => exceptionText(spec('{names: [none]}'), `x${index}`)).join(
      '',
    )
    const { exceptions } = judge(deployment('web') + many)
    assert.equal(exceptions.uses.length, 1_000)
    assert.match(exceptions.notes.at(-1)?.text ?? '', /1001 Exception objects/)
  })

  test('that take too long to compare are given up, with a note', () => {
    const slow = `{names: ["${'*a'.repeat(250)}b"]}`
    const many = Array.from({ length: 100 }, (_, index) =>
      exceptionText(spec(Array(100).fill(slow).join()), `x${index}`),
    )
    const pods = Array.from({ length: 40 }, (_, index) => deployment(`a${index}`)).join('')
    const last = exceptionText(spec('{names: [a39]}'), 'last')
    const { exceptions } = judge(pods + many.join('') + last)
    assert.match(exceptions.notes.at(-1)?.text ?? '', /too long to compare/)
    assert.equal(exceptions.uses.at(-1)?.silenced, 0)
    const given = judge(pods, last)
    assert.equal(given.exceptions.uses.at(-1)?.silenced, 1)
  })

  test('a glob that would make a backtracking matcher hang does not', () => {
    const given = exceptionText(spec(`{names: ["${'*a'.repeat(200)}b"]}`))
    const before = process.cpuUsage()
    judge(deployment('a'.repeat(250)), given)
    assert.ok(process.cpuUsage(before).user < 10_000_000)
  })
})

describe('annotations', () => {
  const of = (annotations: string, where = 'annotations'): ReturnType<typeof judge> =>
    judge(deployment('web', `${where}: {${annotations}}`))
  const silenced = (annotations: string, where?: string): readonly string[] =>
    lines(of(annotations, where)).flatMap((line) => (line.includes(' excepted ') ? [line.split(' ')[0] as string] : []))

  test('of ours hold a reason, an owner and a day', () => {
    assert.deepEqual(silenced('bulkhead.dev/except.own-privileged: "why; so; who; 2026-11-21"'), ['own-privileged'])
    const [use] = of('bulkhead.dev/except.own-privileged: "why; so; who; 2026-11-21"').exceptions.uses
    assert.equal(use?.exception.reason, 'why; so')
    assert.equal(use?.exception.owner, 'who')
    assert.deepEqual(silenced('bulkhead.dev/except.own-privileged: "why; who; 2026-11-20"'), [])
    for (const bad of [
      'why',
      'why; who',
      '; who; never',
      'why; ; never',
      'why; who; tomorrow',
      'why; who; 2026-13-01',
      '',
    ])
      assert.match(
        of(`bulkhead.dev/except.own-privileged: "${bad}"`).exceptions.notes[0]?.text ?? '',
        /own-privileged of/,
        bad,
      )
    assert.deepEqual(silenced('bulkhead.dev/except.: "why; who; never"'), [])
  })

  test('of other tools mean what they mean there', () => {
    const two = ['own-privileged', 'own-tagged']
    const cases: readonly [annotation: string, silenced: readonly string[]][] = [
      ['polaris.fairwinds.com/exempt: "true"', two],
      ['polaris.fairwinds.com/exempt: "True"', two],
      ['polaris.fairwinds.com/exempt: "yes"', []],
      ['polaris.fairwinds.com/runAsPrivileged-exempt: "true"', ['own-privileged']],
      ['polaris.fairwinds.com/runAsPrivileged-exempt: "false"', []],
      ['polaris.fairwinds.com/*-exempt: "true"', []],
      ['ignore-check.kube-linter.io/own-tagged: reason', ['own-tagged']],
      ['ignore-check.kube-linter.io/*: reason', []],
      ['kube-linter.io/ignore-all: ""', two],
      ['kube-score/ignore: "own-tagged, own-privileged"', two],
      ['kube-score/ignore: "own-tag"', []],
      ['kube-score/ignore: "*"', []],
      ['checkov.io/skip1: CKV_K8S_10=reason', ['own-privileged']],
      ['checkov.io/skip7: CKV_K8S_10', ['own-privileged']],
      ['checkov.io/skip1: =reason', []],
      ['kubescape.io/ignore: "true"', two],
      ['kubescape.io/ignore: "false"', []],
      ['__proto__: "true"', []],
    ]
    for (const [annotation, expected] of cases) assert.deepEqual(silenced(annotation), expected, annotation)
    assert.deepEqual(silenced('kubescape.io/ignore: "true"', 'labels'), two)
    assert.deepEqual(silenced('polaris.fairwinds.com/exempt: "true"', 'labels'), [])
    assert.equal(of('checkov.io/skip1: CKV_K8S_10=because').exceptions.uses[0]?.exception.reason, 'because')
  })

  test('on the pod template count as well, and those that no check of ours carries are listed', () => {
    const text = deployment('web').replace(
      '{labels: {a: b}}',
      '{labels: {a: b}, annotations: {kube-score/ignore: own-tagged}}',
    )
    assert.deepEqual(
      lines(judge(text)).filter((line) => line.includes(' excepted ')),
      ['own-tagged Deployment/web excepted by kube-score/ignore of Deployment/shop/web'],
    )
    const { uses: all } = of('ignore-check.kube-linter.io/dangling: reason').exceptions
    assert.deepEqual(
      all.map(({ state, unknownChecks }) => [state, unknownChecks]),
      [['unknown-check', ['kube-linter:dangling']]],
    )
  })
})
