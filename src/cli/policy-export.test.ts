import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, type Json, type JsonObject } from '../cluster/json.ts'
import { catalogueChecks, inProfile, overriddenBy } from '../engines/policy/selection.ts'
import { readCatalogue } from '../observe/catalogue.ts'
import { readInputs } from '../observe/files/read.ts'
import { bulkhead, testFolder } from './cli.testing.ts'

const folder = testFolder()
const catalogue = readCatalogue()

function exported(...args: readonly string[]): { readonly items: readonly JsonObject[]; readonly stderr: string } {
  const { status, stdout, stderr } = bulkhead(['policy', 'export', ...args, '-o', 'json'])
  assert.equal(status, 0, stderr)
  return { items: (JSON.parse(stdout) as { items: JsonObject[] }).items, stderr }
}

const kindOf = ({ kind }: JsonObject): Json => kind as Json
const nameOf = (object: JsonObject): Json | undefined => at(object, 'metadata', 'name')

describe('policy export', () => {
  test('gives exactly the policies of a profile, each with its binding', () => {
    const checks = catalogueChecks(catalogue.policies, 37)
    const overridden = overriddenBy(checks)
    const wanted = checks
      .filter((check) => inProfile(check, 'restricted', overridden))
      .map(({ id }) => `bulkhead-${id}`)
    const { items } = exported('--profile', 'restricted')
    const named = (kind: string): readonly (Json | undefined)[] =>
      items.filter((each) => kindOf(each) === kind).map(nameOf)
    assert.deepEqual(named('ValidatingAdmissionPolicy'), wanted)
    assert.deepEqual(named('ValidatingAdmissionPolicyBinding'), wanted)
    assert.equal(items.length, 2 * wanted.length)
  })

  test('the policy is the very text, annotations too, under its own name', () => {
    const { items } = exported('--checks', 'privileged')
    const policy = catalogue.policies.find(({ name }) => name === 'privileged')
    assert.deepEqual(items[0]?.spec, policy?.body.spec)
    assert.deepEqual(at(items[0], 'metadata', 'annotations'), at(policy?.body, 'metadata', 'annotations'))
    assert.deepEqual(items[1]?.spec, { policyName: 'bulkhead-privileged', validationActions: ['Audit'] })
  })

  test('with an action, without namespaces, with fixes', () => {
    const { items } = exported(
      ...['--checks', 'privileged,host-pid', '--action', 'Deny', '--with-fixes'],
      ...['--exclude-namespace', 'kube-system', '--exclude-namespace', 'storage'],
    )
    assert.deepEqual(items.map(kindOf), [
      ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
      ...['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'],
      ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
      ...['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'],
    ])
    const matchResources = {
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'storage'] },
        ],
      },
    }
    assert.deepEqual(items[1]?.spec, { policyName: 'bulkhead-host-pid', validationActions: ['Deny'], matchResources })
    assert.deepEqual(items[3]?.spec, { policyName: 'bulkhead-host-pid', matchResources })
  })

  test('YAML reads back as the same', async () => {
    const args = ['--profile', 'all', '--with-fixes']
    const { status, stdout } = bulkhead(['policy', 'export', ...args])
    assert.equal(status, 0)
    const read = await readInputs([folder.write('all.yaml', stdout)], { keepAll: true })
    assert.deepEqual(read.problems, [])
    assert.deepEqual(
      read.objects.map(({ body }) => body),
      exported(...args).items,
    )
  })

  test('leaves out what the cluster cannot hold, and says so', () => {
    const params = exported('--checks', 'registry-not-allowed')
    assert.deepEqual(params.items, [])
    assert.match(params.stderr, /left out: registry-not-allowed takes params/)
    const newer = exported('--checks', 'privileged', '--kubernetes-version', 'v1.29')
    assert.deepEqual(newer.items, [])
    assert.match(newer.stderr, /left out: privileged needs Kubernetes v1\.30/)
  })

  test('refuses fixes for a cluster without them, and ids of none', () => {
    const old = bulkhead(['policy', 'export', '--with-fixes', '--kubernetes-version', 'v1.35'])
    assert.equal(old.status, 2)
    assert.match(old.stderr, /v1\.35 has no MutatingAdmissionPolicy of v1/)
    const joined = bulkhead(['policy', 'export', '--checks', 'pdb-missing'])
    assert.deepEqual(
      [joined.status, joined.stderr],
      [2, 'bulkhead: no policy has the id pdb-missing: a check that takes several objects is none\n'],
    )
  })
})
