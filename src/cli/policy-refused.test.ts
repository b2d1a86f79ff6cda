import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bulkhead, testFolder } from './cli.testing.ts'

const folder = testFolder()
const pod = folder.write(
  'pod.yaml',
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "a:1"}]}\n',
)

function policy(name: string, expression: string, operations = '[CREATE]'): string {
  return folder.write(
    `${name}.yaml`,
    `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: ${operations}, resources: [pods]}
  validations:
    - expression: ${expression}
`,
  )
}

function asked(file: string) {
  const args = ['policy', 'eval', '-f', pod, '--policy', file, '--all-results', '-o', 'json']
  const { stdout: out, stderr: err } = bulkhead(args)
  const [item] = (JSON.parse(out) as { items: { result: string; message: string }[] }).items
  return { item, err }
}

describe('policies of the user that are wrong', () => {
  test('one that the API server refuses is told with its line, and says nothing of objects', () => {
    const file = policy('refused', 'object.spec.containers')
    const { item, err } = asked(file)
    assert.equal(item?.result, 'unknown')
    assert.match(item?.message ?? '', /the API server refuses the policy: .*spec\.validations\[0\]\.expression/)
    assert.match(
      err,
      /refused\.yaml:9:\d+: ValidatingAdmissionPolicy refused is refused: .* must evaluate to bool but got dyn/,
    )
  })

  test('a field that no kind has is told, and the policy asked all the same', () => {
    const { item, err } = asked(policy('mistyped', 'object.spec.?hostNetwrk.orValue(false) == false'))
    assert.equal(item?.result, 'pass')
    assert.match(err, /mistyped\.yaml:9:\d+: .* may be wrong: of a Pod: 1:12: undefined field 'hostNetwrk'/)
  })

  test('of one that is right nothing is said', () => {
    const { item, err } = asked(policy('right', 'object.spec.?hostNetwork.orValue(false) == false'))
    assert.equal(item?.result, 'pass')
    assert.doesNotMatch(err, /refused|may be wrong/)
  })
})
