import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatPath, type JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { certainWarnings, type TypeWarning, typeWarnings } from './type-warnings.ts'

const core = (...resources: readonly string[]) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources,
})

function policy(rules: readonly JsonObject[], expression: string, more: JsonObject = {}): KubeObject {
  const spec = { matchConstraints: { resourceRules: rules }, validations: [{ expression }], ...more }
  const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', spec }
  const group = 'admissionregistration.k8s.io'
  return { id: 'p', group, version: 'v1', kind: 'ValidatingAdmissionPolicy', namespace: '', name: 'p', body }
}

const told = (warnings: readonly TypeWarning[]) =>
  warnings.map(({ group, version, kind, message }) => `${group}/${version} ${kind}: ${message.split('\n')[0]}`)

/** Expressions about a Pod, and what kube-controller-manager v1.36.3 says of them behind `ERROR: `. */
const OF_PODS: readonly (readonly [expression: string, error: string | undefined])[] = [
  ['object.spec.containers[0].resources.limits == 1', "<input>:1:36: undefined field 'limits'"],
  ['object.spec.containers[0].livenessProbe.httpGet.port == {}', undefined],
  [
    'object.metadata.creationTimestamp == 1',
    "<input>:1:35: found no matching overload for '_==_' applied to '(timestamp, int)'",
  ],
  [
    'object.spec.containers == 1',
    "<input>:1:24: found no matching overload for '_==_' applied to '(list(Pod.spec.containers.@idx), int)'",
  ],
  [
    'object.metadata.labels == 1',
    "<input>:1:24: found no matching overload for '_==_' applied to '(map(string, string), int)'",
  ],
  ['object.metadata.foo == 1', "<input>:1:16: undefined field 'foo'"],
  ['object.spec.?nope.orValue(1) == 1', "<input>:1:12: undefined field 'nope'"],
  ['object.spec.volumes[0].emptyDir.sizeLimit == 1', "<input>:1:32: undefined field 'sizeLimit'"],
  ['object.metadata.namespace == "a"', undefined],
]

describe('the type checking of policies', () => {
  for (const [expression, error] of OF_PODS)
    test(expression, () => {
      const warnings = typeWarnings(policy([core('pods')], expression), 36)
      assert.deepEqual(told(warnings), error === undefined ? [] : [`/v1 Pod: ERROR: ${error}`])
    })

  test('looks at each kind that the rules name, the core group standing for any', () => {
    const warnings = typeWarnings(
      policy([core('events', 'pods', 'pods/exec', 'nothings')], 'object.involvedObject.name == ""'),
      36,
    )
    assert.deepEqual(told(warnings), [
      "/v1 Pod: ERROR: <input>:1:7: undefined field 'involvedObject'",
      "events.k8s.io/v1 Event: ERROR: <input>:1:7: undefined field 'involvedObject'",
    ])
    assert.equal(formatPath(warnings[0]?.path ?? []), 'spec.validations[0].expression')
  })

  test('is certain where no kind has the field', () => {
    const rules = [core('pods', 'services')]
    assert.equal(certainWarnings(policy(rules, 'object.spec.nope == 1'), 36).length, 1)
    assert.deepEqual(certainWarnings(policy(rules, 'object.kind != "Pod" || object.spec.hostNetwork'), 36), [])
  })

  test('gives up on wildcards, and after ten kinds', () => {
    assert.deepEqual(typeWarnings(policy([{ ...core('pods'), apiVersions: ['*'] }], 'object.nope'), 36), [])
    const many = 'bindings configmaps endpoints events limitranges namespaces nodes pods secrets services podtemplates'
    assert.equal(typeWarnings(policy([core(...many.split(' '))], 'object.nope'), 36).length, 10)
  })

  test('knows params, and forgets what variables are made of', () => {
    const more = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      variables: [{ name: 'a', expression: 'object.spec' }],
    }
    assert.deepEqual(
      told(typeWarnings(policy([core('pods')], 'params.data.size() == "" || variables.a.nope', more), 36)),
      ["/v1 Pod: ERROR: <input>:1:20: found no matching overload for '_==_' applied to '(int, string)'"],
    )
  })
})
