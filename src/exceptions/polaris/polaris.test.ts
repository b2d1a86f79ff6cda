import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json, JsonObject } from '../../cluster/json.ts'
import { clusterOf, objectsOf } from '../../cluster/testing.ts'
import { deployment, documentIn, judge, lines } from '../testing.ts'
import { decodePolaris, type PolarisConfiguration } from './configuration.ts'
import { policyName, policyOf } from './policy.ts'

const KNOWN = new Set(['runAsPrivileged', 'taggedCheck', 'sealedCheck'])

const decode = (text: string, alone = false): PolarisConfiguration => decodePolaris(documentIn(text), KNOWN, alone)

function judged(text: string, configuration: string, alone = false): ReturnType<typeof judge> {
  const { exceptions, notes, checks, severities, withoutPolarisAnnotations } = decode(configuration, alone)
  return judge(text, '', {
    exceptions: { exceptions, notes, today: '2026-11-21', withoutPolarisAnnotations },
    joins: checks,
    severities,
    profile: 'polaris',
    only: new Set(['own-privileged', 'own-tagged']),
  })
}

const told = (configuration: string): readonly string[] => decode(configuration).notes.map(({ text }) => text)

describe('a configuration of Polaris', () => {
  test('checks: severities count, ignore silences, and alone what is not listed', () => {
    const configuration = 'checks: {runAsPrivileged: danger, taggedCheck: ignore}'
    const results = judged(deployment('web'), configuration)
    assert.deepEqual(lines(results), [
      'own-privileged Deployment/web [main] fail',
      'own-tagged Deployment/web excepted by checks.taggedCheck: ignore',
    ])
    assert.equal(results.items[0]?.severity, 'danger')
    assert.deepEqual(lines(judged(deployment('web'), 'checks: {runAsPrivileged: warning}', true)), [
      'own-privileged Deployment/web [main] fail',
      'own-tagged Deployment/web excepted by checks that it does not list',
    ])
    assert.deepEqual(told('checks: {hostIPCset: danger, taggedCheck: error, __proto__: ignore}'), [
      'no check of ours is Polaris’ hostIPCset',
      'the severity of taggedCheck is not danger, warning or ignore',
      'no check of ours is Polaris’ __proto__',
    ])
  })

  test('exemptions: names are prefixes, a namespace is itself, all that is given holds', () => {
    const cases: readonly [exemption: string, excepted: boolean][] = [
      ['{controllerNames: [we]}', true],
      ['{controllerNames: [web-]}', false],
      ['{controllerNames: [eb]}', false],
      ['{namespace: shop}', true],
      ['{namespace: sho}', false],
      ['{namespace: shop, controllerNames: [other]}', false],
      ['{containerNames: [ma]}', true],
      ['{containerNames: [main2]}', false],
      ['{rules: [runAsPrivileged]}', true],
      ['{rules: [taggedCheck]}', false],
      ['{controllerNames: [we], rules: [runAsPrivileged], containerNames: [m], namespace: shop}', true],
    ]
    for (const [exemption, excepted] of cases) {
      const [line] = lines(judged(deployment('web'), `exemptions: [${exemption}]`))
      assert.equal(line?.includes('excepted by exemption 1'), excepted, exemption)
    }
    assert.deepEqual(
      told('exemptions: [{}, 7, {controllerNames: web}, {controllerNames: [""]}, {rules: ["*"]}, {name: a}]'),
      [
        'exemption 1: it names nothing',
        'exemption 2: it is not a mapping',
        'exemption 3: controllerNames is not a list of texts',
        'exemption 4: controllerNames has an empty item or one with * or ?',
        'exemption 5: rules has an empty item or one with * or ?',
        'exemption 6: the key name is not known',
      ],
    )
  })

  test('disallow: exemptions, annotations, or both count no more', () => {
    const annotated = deployment(
      'web',
      'annotations: {polaris.fairwinds.com/exempt: "true", kube-score/ignore: own-tagged}',
    )
    const silenced = (configuration: string): readonly boolean[] =>
      lines(judged(annotated, configuration)).map((line) => line.includes(' excepted '))
    assert.deepEqual(silenced('checks: {}'), [true, true])
    assert.deepEqual(silenced('disallowAnnotationExemptions: true'), [false, true])
    const all = 'exemptions: [{namespace: shop}]\n'
    assert.deepEqual(silenced(`${all}disallowAnnotationExemptions: true`), [true, true])
    assert.deepEqual(silenced(`${all}disallowExemptions: true`), [false, true])
    assert.deepEqual(silenced(`${all}disallowConfigExemptions: true`), [true, true])
    assert.match(told(`${all}disallowConfigExemptions: true`)[0] ?? '', /disallows/)
  })

  test('says what it does not carry over', () => {
    assert.deepEqual(told('[1]'), ['a configuration of Polaris is a mapping'])
    const notes = decode('mutations: [a]\nnamespace: b\nsurprise: 1\ndisplayName: c\nkubeContext: d').notes
    assert.deepEqual(
      notes.map(({ text, location }) => [location?.line, text.split(' ')[0]]),
      [
        [1, 'mutations'],
        [2, 'namespace'],
        [3, 'the'],
      ],
    )
  })
})

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: pod, namespace: shop}
spec:
  hostNetwork: true
  initContainers: [{name: init, image: quay.io/a}]
  containers:
    - {name: main, image: quay.io/b, resources: {limits: {memory: 2Gi}}}
    - {name: side, image: docker.io/c}
`

function custom(check: string, text = POD): string {
  const { checks, notes } = decode(`checks: {own: danger}\ncustomChecks:\n  own: ${check}`)
  const [join] = checks
  if (!join) return notes.map((note) => note.text).join()
  return [...join.verdicts(clusterOf(text))]
    .map(({ result, at, because }) =>
      [result, ...at.map((each) => each.container ?? '-'), ...because.map((b) => b.path?.join('.') ?? '')].join(' '),
    )
    .join('; ')
}

const IMAGE = '{properties: {image: {not: {pattern: ^quay.io}}}}'

describe('custom checks of Polaris', () => {
  test('look at their target', () => {
    assert.equal(custom(`{target: Container, schema: ${IMAGE}}`), 'fail main init spec.containers.0.image')
    assert.equal(
      custom(`{target: Container, containers: {exclude: [initContainer]}, schema: ${IMAGE}}`),
      'fail main spec.containers.0.image',
    )
    assert.equal(
      custom(`{target: Container, containers: {include: [initContainer]}, schema: ${IMAGE}}`),
      'fail init spec.initContainers.0.image',
    )
    assert.equal(
      custom('{target: PodSpec, schema: {properties: {hostNetwork: {const: false}}}}'),
      'fail - spec.hostNetwork',
    )
    assert.equal(custom('{target: PodTemplate, schema: {properties: {spec: {required: [volumes]}}}}'), 'fail - spec')
    assert.equal(custom('{target: Controller, schema: {required: [metadata]}}'), 'pass')
    assert.equal(custom('{target: Pod, schema: {properties: {kind: {const: Job}}}}'), 'fail - kind')
    assert.equal(custom('{target: apps/Deployment, schema: false}'), '')
    assert.equal(custom('{target: apps/Deployment, schema: false}', deployment('web').slice(4)), 'fail - ')
    assert.equal(custom('{target: Deployment, schema: false}', deployment('web').slice(4)), 'fail - ')
    assert.equal(custom('{target: x/Deployment, schema: false}', deployment('web').slice(4)), '')
    assert.equal(custom('{target: PodSpec, controllers: {include: [Job]}, schema: false}'), '')
    assert.equal(custom('{target: PodSpec, controllers: {exclude: [Pod]}, schema: false}'), '')
    assert.equal(
      custom(
        '{target: Container, schemaTarget: PodSpec, schema: {properties: {containers: {items: {required: [resources]}}}}}',
      ),
      'fail side init spec.containers.1',
    )
  })

  test('compare quantities, and join objects of another kind', () => {
    const limit = '{properties: {resources: {properties: {limits: {properties: {memory: {resourceMaximum: 1G}}}}}}}'
    assert.equal(custom(`{target: Container, schema: ${limit}}`), 'fail main spec.containers.0.resources.limits.memory')
    const joined =
      '{target: Pod, schema: true, additionalSchemas: {policy/PodDisruptionBudget: {properties: {metadata: {properties: {name: {const: one}}}}}}}'
    const budget = (name: string): string =>
      `${POD}---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: ${name}}\n`
    assert.match(custom(joined, budget('one')), /^pass$/)
    assert.match(custom(joined, budget('two')), /^fail/)
    assert.match(custom(joined), /^unknown/)
  })

  test('that cannot be carried over are told', () => {
    const cases: readonly [check: string, told: RegExp][] = [
      ['{target: Container}', /no schema/],
      ['{schema: true}', /no target/],
      ['{target: Container, schema: {unevaluatedItems: false}}', /unevaluatedItems/],
      ['{target: Container, schema: {pattern: "(?!a)"}}', /invalid/],
      ['{target: Container, schemaString: "type: {{ .kind }}"}', /Go template/],
      ['{target: PodSpec, schemaTarget: Container, schema: true}', /schema target/],
      ['{target: Pod, schema: true, additionalSchemaStrings: {v1/Service: "{{ x }}"}}', /Go template/],
      ['{target: Pod, schema: true, surprise: 1}', /surprise/],
      ['7', /not a mapping/],
    ]
    for (const [check, pattern] of cases) assert.match(custom(check), pattern, check)
    assert.equal(custom('{target: Pod, jsonSchema: \'{"type": "object"}\'}'), 'pass')
    assert.match(
      decode('checks: {own: danger}\ncustomChecks: {own: {target: Pod, schema: true, mutations: []}}').notes[0]?.text ??
        '',
      /mutations/,
    )
    assert.match(told('customChecks: {own: {target: Pod, schema: true}}')[0] ?? '', /not listed in checks/)
  })

  test('that would never end are unknown', () => {
    assert.match(custom('{target: Pod, schema: {$ref: "#"}}'), /^unknown/)
  })
})

describe('custom checks as policies', () => {
  const PODS = [
    POD,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: docker.io/b:1, ports: [{containerPort: 80}]}]}',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {priorityClassName: high, containers: [{name: a, image: "x:1", args: [a, b, c], securityContext: {runAsUser: 0, privileged: false}}]}',
    deployment('web').slice(4),
    deployment('web', '', ['a', 'longer-name']).slice(4),
  ]
  const SCHEMAS = [
    IMAGE,
    '{required: [securityContext]}',
    '{properties: {securityContext: {required: [privileged], properties: {privileged: {const: false}}}}}',
    '{properties: {name: {enum: [a, main]}}}',
    '{properties: {name: {minLength: 2, maxLength: 5}}}',
    '{properties: {args: {maxItems: 2}}}',
    '{properties: {args: {contains: {const: b}}}}',
    '{properties: {ports: {items: {properties: {containerPort: {minimum: 1024, maximum: 65535}}}}}}',
    '{anyOf: [{required: [args]}, {required: [ports]}]}',
    '{oneOf: [{required: [args]}, {required: [securityContext]}]}',
    '{allOf: [{required: [image]}, {not: {required: [args]}}]}',
    '{if: {required: [securityContext]}, then: {properties: {name: {pattern: "^(a|main)$"}}}, else: {properties: {image: {pattern: "[:]"}}}}',
    '{properties: {securityContext: {properties: {runAsUser: {exclusiveMinimum: 0}}}}}',
    '{properties: {image: {const: "quay.io/\\"b\\\\"}}}',
    'true',
    'false',
  ]

  test('say of every pod what the checks say', () => {
    let failing = 0
    for (const target of ['Container', 'PodSpec'])
      for (const schema of SCHEMAS)
        for (const text of PODS) {
          const body = `{target: ${target}, schema: ${target === 'Container' ? schema : `{properties: {containers: {items: ${schema}}}}`}}`
          const check = (documentIn(`a: ${body}`).value as { a: Json }).a
          const policy = policyOf('own', check, 'danger')
          if (typeof policy === 'string') throw new Error(`${schema}: ${policy}`)
          const expected = custom(body, text).split(' ')[0]
          const results = judge(text, '', { own: objectsOf(JSON.stringify(policy)), withPasses: true })
          assert.equal(results.items[0]?.result, expected, `${schema} ${text} ${results.items[0]?.message}`)
          assert.ok(!/error/.test(results.items[0]?.message ?? ''), `${schema} ${results.items[0]?.message}`)
          if (expected === 'fail') failing++
        }
    assert.ok(failing > 40, String(failing))
  })

  test('carry kinds, severity and Polaris’ id', () => {
    const check = (
      documentIn('a: {target: Container, controllers: {exclude: [Job]}, failureMessage: "no\\nway", schema: false}')
        .value as { a: Json }
    ).a
    const policy = policyOf('ownCheck2', check, 'danger') as JsonObject
    assert.equal(
      JSON.stringify((policy.spec as JsonObject).matchConditions),
      '[{"name":"controllers-exclude","expression":"!(object.kind in [\\"Job\\"])"}]',
    )
    const [item] = judge(PODS[0] as string, '', { own: objectsOf(JSON.stringify(policy)) }).items
    assert.deepEqual(
      [item?.check.id, item?.check.aliases.polaris, item?.check.polaris, item?.message],
      ['custom-own-check2', 'ownCheck2', 'danger', 'no way'],
    )
    assert.equal(policyName('../../Etc'), 'custom-etc')
    assert.equal(policyName('--'), 'custom')
  })

  test('are not written where CEL does not say it simply', () => {
    const deep = `${'{not: '.repeat(12)}true${'}'.repeat(12)}`
    const cases: readonly [check: string, told: RegExp][] = [
      ['{target: apps/Deployment, schema: true}', /target/],
      ['{target: Container}', /no schema/],
      ['{target: Container, schemaString: "true"}', /schemaString/],
      ['{target: Container, schema: {properties: {namespace: true}}}', /"namespace"/],
      ['{target: Container, schema: {properties: {"a b": true}}}', /"a b"/],
      ['{target: Container, schema: {required: [__proto__]}}', /__proto__/],
      ['{target: Container, schema: {items: [true]}}', /position/],
      ['{target: Container, schema: {patternProperties: {a: true}}}', /patternProperties/],
      ['{target: Container, schema: {const: 0.5}}', /whole number/],
      ['{target: Container, schema: {const: {a: 1}}}', /whole number/],
      ['{target: Container, schema: {resourceMinimum: 1Gi}}', /resourceMinimum/],
      [`{target: Container, schema: ${deep}}`, /deeper/],
    ]
    for (const [check, pattern] of cases) {
      const made = policyOf('own', (documentIn(`a: ${check}`).value as { a: Json }).a, 'danger')
      assert.match(typeof made === 'string' ? made : 'a policy', pattern, check)
    }
  })
})
