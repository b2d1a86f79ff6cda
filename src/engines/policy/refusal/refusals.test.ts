import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json, JsonObject } from '../../../cluster/json.ts'
import { refusalsOf } from './refusals.ts'

const GROUP = 'admissionregistration.k8s.io'
const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }

function said(kind: string, spec: JsonObject, name: Json = 'p', minor = 36): readonly string[] {
  const body = { apiVersion: `${GROUP}/v1`, kind, metadata: { name }, spec }
  return refusalsOf({ group: GROUP, kind, body }, minor).map(({ field, message }) => `${field}: ${message}`)
}

const validating = (spec: JsonObject, minor?: number) =>
  said(
    'ValidatingAdmissionPolicy',
    { matchConstraints: { resourceRules: [RULE] }, validations: [{ expression: 'true' }], ...spec },
    'p',
    minor,
  )

describe('what the API server refuses', () => {
  test('says nothing of a policy that it takes, and of other kinds', () => {
    assert.deepEqual(validating({}), [])
    assert.deepEqual(said('ValidatingWebhookConfiguration', {}), [])
    assert.deepEqual(refusalsOf({ group: '', kind: 'ValidatingAdmissionPolicy', body: {} }, 36), [])
  })

  test('judges new expressions in the language of the release before', () => {
    const twoVariables = { validations: [{ expression: '{"a": 1}.all(k, v, v > 0)' }] }
    assert.equal(validating(twoVariables, 32).length, 1)
    assert.deepEqual(validating(twoVariables, 33), [])
  })

  test('quotes as Go does', () => {
    const [message] = validating({ validations: [{ expression: "'\t\u0001ü\u200b'" }] })
    assert.match(message ?? '', /Invalid value: "'\\t\\x01ü\\u200b'": must evaluate to bool but got string/)
  })

  test('what is of another type, or no field at all, is unreadable', () => {
    assert.deepEqual(validating({ validations: 7 }).length, 1)
    assert.deepEqual(validating({ validation: [], __proto__x: 1 }), [
      'spec.validation: unknown field',
      'spec.__proto__x: unknown field',
    ])
  })

  test('a mutation that takes no patch, a binding that does nothing', () => {
    assert.deepEqual(
      said('MutatingAdmissionPolicy', {
        matchConstraints: { resourceRules: [RULE] },
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: 1}]' } }],
      }),
      [
        'spec.mutations[0].jsonPatch.expression: Invalid value: "[JSONPatch{op: 1}]": compilation failed: ERROR: <input>:1:14: ' +
          "expected type of field 'op' is 'string' but provided type is 'int'\n | [JSONPatch{op: 1}]\n | .............^",
      ],
    )
    assert.deepEqual(said('ValidatingAdmissionPolicyBinding', { policyName: 'P' }), [
      'spec.policyName: Invalid value: "P": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
        "'-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.validationActions: Required value: at least one validation action is required',
    ])
  })

  test('stays within bounds on anything', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as JsonObject
    assert.ok(said('ValidatingAdmissionPolicy', deep).length > 0)
    const odd: readonly Json[] = [null, 7, 'x', [], [[]], [null], { constructor: 1 }, '-'.repeat(100_000)]
    for (const value of odd)
      for (const field of [
        'matchConstraints',
        'validations',
        'variables',
        'paramKind',
        'auditAnnotations',
        'matchConditions',
      ])
        validating({ [field]: value })
    assert.ok(said('ValidatingAdmissionPolicy', {}, `${'a.'.repeat(50_000)}-`).length > 0)
  })
})
