import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../cluster/json.ts'
import { objectsOf } from '../cluster/testing.ts'
import { type BaselineResource, decodeBaseline } from './baseline.ts'
import type { Decoded } from './exception.ts'
import { decodeKubeLinter } from './kube-linter.ts'
import { decodePostureExceptions, isPostureExceptions } from './kubescape.ts'
import { decodeException } from './object.ts'
import { deployment, documentIn, judge, lines } from './testing.ts'
import { decodeTrivyIgnore, decodeTrivyIgnoreYaml } from './trivy-ignore.ts'
import { exceptionObject } from './written.ts'

function silenced(decoded: Decoded, text = deployment('web', 'labels: {app: front}')): readonly string[] {
  const results = judge(text, '', { exceptions: { ...decoded, today: '2026-11-21' } })
  return lines(results).flatMap((line) => (line.includes(' excepted ') ? [line.split(' ')[0] as string] : []))
}

const told = ({ notes }: Decoded): readonly string[] => notes.map(({ text, location }) => `${location?.line}: ${text}`)

describe('exceptions of Kubescape', () => {
  const posture = (attributes: string, policies = '[{controlID: C-0010}]', rest = ''): Decoded =>
    decodePostureExceptions(
      documentIn(
        `[{name: e, policyType: postureExceptionPolicy, actions: [alertOnly], ${rest} resources: [{designatorType: Attributes, attributes: ${attributes}}], posturePolicies: ${policies}}]`,
      ),
    )

  test('match whole names by regular expressions, case ignored', () => {
    const cases: readonly [attributes: string, matches: boolean][] = [
      ['{kind: Deployment, name: web, namespace: shop}', true],
      ['{kind: deployment}', true],
      ['{name: WEB}', true],
      ['{name: we}', false],
      ['{name: "we."}', true],
      ['{name: "w.*|db"}', true],
      ['{namespace: "shop|bank"}', true],
      ['{namespace: shop, name: db}', false],
      ['{app: front}', true],
      ['{app: back}', false],
      ['{containerName: main}', true],
      ['{containerName: side}', false],
      ['{}', false],
    ]
    for (const [attributes, matches] of cases)
      assert.deepEqual(silenced(posture(attributes)), matches ? ['own-privileged'] : [], attributes)
  })

  test('name controls, all of them where they name none', () => {
    assert.deepEqual(silenced(posture('{kind: Deployment}', '[{controlID: c-0010}]')), ['own-privileged'])
    assert.deepEqual(silenced(posture('{kind: Deployment}', '[]')), ['own-privileged', 'own-tagged'])
    assert.deepEqual(silenced(posture('{kind: Deployment}', '[{controlID: C-0010, frameworkName: NSA}]')), [
      'own-privileged',
    ])
    assert.deepEqual(silenced(posture('{kind: Deployment}', undefined, 'expirationDate: "2026-11-20T00:00:00Z",')), [])
    assert.deepEqual(
      silenced(posture('{kind: Deployment}', undefined, 'objectSelector: {matchLabels: {app: back}},')),
      [],
    )
  })

  test('say what is not carried over', () => {
    const cases: readonly [decoded: Decoded, told: RegExp][] = [
      [posture('{name: "(?!a)"}'), /attribute name: .*invalid/],
      [posture('{cluster: prod}'), /by cluster/],
      [posture('{app: "f.*|b"}'), /label app is a pattern/],
      [posture('{name: [a]}'), /not a text/],
      [posture('{name: a}', '[{frameworkName: NSA}]'), /by frameworkName alone/],
      [posture('{name: a}', '[{controlID: "C-00.*"}]'), /C-00\.\* is a pattern/],
      [posture('{name: a}', '[{controlID: C-0010, ruleName: a}]'), /one rule/],
      [posture('{name: a}', '[{controlID: C-0010}]', 'objectSelector: {matchLabels: 7},'), /objectSelector/],
    ]
    for (const [decoded, pattern] of cases) {
      assert.match(told(decoded)[0] ?? '', pattern)
      assert.deepEqual(silenced(decoded), [])
    }
    assert.deepEqual(told(decodePostureExceptions(documentIn('[7]'))), ['1: exception 1 is not a mapping'])
    assert.ok(isPostureExceptions([{ posturePolicies: [] }]) && !isPostureExceptions({ kind: 'Exception' }))
  })
})

describe('.trivyignore', () => {
  test('holds ids, comments and days', () => {
    const text =
      '# driver\nAVD-KSV-0010 exp:2026-11-21\n\nKSV006 # pinned\nCVE-2024-1\nKSV-0010 exp:2026-11-20\nKSV006 exp:soon\r\n'
    const decoded = decodeTrivyIgnore('.trivyignore', text)
    assert.deepEqual(
      decoded.exceptions.map(({ checks, reason, expires, place }) => [checks[0], reason, expires, place?.()?.line]),
      [
        ['trivy:AVD-KSV-0010', 'driver', '2026-11-21', 2],
        ['trivy:KSV006', 'pinned', 'never', 4],
        ['trivy:KSV-0010', '', '2026-11-20', 6],
      ],
    )
    assert.deepEqual(told(decoded), ['5: CVE-2024-1 is no check of Kubernetes objects', '7: KSV006: soon is no day'])
    assert.deepEqual(silenced(decoded), ['own-privileged', 'own-tagged'])
  })

  test('as YAML holds statements, and what is ignored by path is told', () => {
    const decoded = decodeTrivyIgnoreYaml(
      documentIn(`vulnerabilities: []
misconfigurations:
  - {id: AVD-KSV-0010, statement: why, expired_at: 2027-01-01}
  - {id: KSV-0010, paths: [a.yaml]}
  - {id: AVD-AWS-0001}
  - {statement: nothing}
  - {id: KSV-0010, expired_at: someday}`),
    )
    assert.deepEqual(silenced(decoded), ['own-privileged'])
    assert.deepEqual([decoded.exceptions[0]?.reason, decoded.exceptions[0]?.expires], ['why', '2027-01-01'])
    assert.deepEqual(
      told(decoded).map((text) => text.slice(0, 20)),
      [
        '1: vulnerabilities ar',
        '4: KSV-0010 is ignor',
        '5: AVD-AWS-0001 is n',
        '6: an entry has no i',
        '7: KSV-0010: expired',
      ].map((text) => text.slice(0, 20)),
    )
    assert.deepEqual(told(decodeTrivyIgnoreYaml(documentIn('[]'))), ['1: it is not a mapping'])
  })
})

describe('the configuration of kube-linter', () => {
  test('excludes everywhere; what chooses checks is told', () => {
    const decoded = decodeKubeLinter(
      documentIn('checks:\n  exclude: [own-tagged, "own-*"]\n  addAllBuiltIn: true\ncustomChecks: []'),
    )
    assert.deepEqual(silenced(decoded), ['own-tagged'])
    assert.deepEqual(
      told(decoded).map((text) => text.slice(0, 12)),
      ['4: custom ch', '3: which che', '2: own-* is '],
    )
  })
})

describe('an exception written as an object', () => {
  test('reads back as the same', () => {
    const given = decodePostureExceptions(
      documentIn(
        '[{name: e, resources: [{attributes: {kind: Deployment, name: "w.*", app: front}}], posturePolicies: [{controlID: C-0010}]}]',
      ),
    )
    const completion = { name: 'e-1', owner: 'team', expires: '2027-01-01', reason: 'because' }
    const [exception] = given.exceptions
    assert.ok(exception)
    const written = exceptionObject(exception, completion)
    if (typeof written === 'string') throw new Error(written)
    const [object] = objectsOf(JSON.stringify(written))
    assert.ok(object)
    const back = decodeException(object, 'given', () => undefined)
    assert.deepEqual(back.notes, [])
    assert.deepEqual(
      [back.exceptions[0]?.owner, back.exceptions[0]?.expires, back.exceptions[0]?.reason],
      ['team', '2027-01-01', 'because'],
    )
    assert.deepEqual(silenced(back), ['own-privileged'])
    assert.deepEqual(silenced(back, deployment('web')), [])
    assert.deepEqual(silenced(back, deployment('db', 'labels: {app: front}')), [])
  })

  test('is refused where a glob does not say it', () => {
    const kind = exceptionObject(
      {
        name: 'e',
        kind: 'kubescape',
        from: 'given',
        resources: [{ kinds: [{ kind: 'regex', text: 'deployment' }] }],
        checks: ['a'],
        reason: '',
        expires: 'never',
      },
      { name: 'e', owner: 'o', expires: 'never', reason: 'r' },
    )
    assert.match(String(kind), /begins with a small letter/)
    for (const name of ['web|db', 'we.', 'a+', 'ab*', '[a]'])
      assert.match(
        String(
          exceptionObject(
            {
              name: 'e',
              kind: 'kubescape',
              from: 'given',
              resources: [{ names: [{ kind: 'regex', text: name }] }],
              checks: ['a'],
              reason: '',
              expires: 'never',
            },
            { name: 'e', owner: 'o', expires: 'never', reason: 'r' },
          ),
        ),
        /cannot be written with \* alone/,
        name,
      )
  })
})

describe('a baseline', () => {
  const web: BaselineResource = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }
  const item = (more: Record<string, Json>): Json => ({
    policy: 'privileged',
    resource: { ...web },
    result: 'fail',
    ...more,
  })
  const has = (items: readonly Json[], container?: string, resource = web): boolean => {
    const baseline = decodeBaseline({ kind: 'PolicyResults', items })
    if (typeof baseline === 'string') throw new Error(baseline)
    return baseline.has('privileged', resource, container)
  }

  test('knows what failed, by policy, resource and container, not by line or version', () => {
    assert.ok(has([item({ location: { line: 7 } })]))
    assert.ok(!has([item({})], 'main'))
    assert.ok(has([item({ container: 'a', more: [{ container: 'main' }] })], 'main'))
    assert.ok(!has([item({ container: 'a' })], 'main'))
    assert.ok(has([item({})], undefined, { ...web, apiVersion: 'apps/v1beta1' }))
    assert.ok(!has([item({})], undefined, { ...web, apiVersion: 'extensions/v1' }))
    assert.ok(!has([item({})], undefined, { ...web, namespace: 'bank' }))
    for (const result of ['pass', 'unknown', 'excepted']) assert.ok(!has([item({ result })]), result)
    assert.ok(!has([item({ policy: 'other' })]))
  })

  test('may be a report of scan; anything else is refused; broken items are passed over', () => {
    const report = decodeBaseline({
      kind: 'Report',
      findings: [{ check: 'privileged', resource: { ...web }, container: 'main' }],
    })
    assert.ok(
      typeof report !== 'string' && report.has('privileged', web, 'main') && !report.has('privileged', web, 'a'),
    )
    for (const value of [null, [], 'text', {}, { kind: 'List', items: [] }] as readonly Json[])
      assert.match(String(decodeBaseline(value)), /no JSON document/)
    const broken = decodeBaseline({
      kind: 'PolicyResults',
      items: [null, 7, {}, { policy: 'a', result: 'fail' }, { policy: 1, result: 'fail', resource: {} }],
    })
    assert.equal(typeof broken === 'string' ? -1 : broken.count, 0)
  })
})
