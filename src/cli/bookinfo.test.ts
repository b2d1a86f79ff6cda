import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { field, isObject, type Json, type JsonObject, list } from '../cluster/json.ts'
import type { ReportProof, ReportStep } from '../report/plan.ts'
import { yamlText } from '../report/yaml.ts'
import { bulkhead, corpus, scanned, testFolder } from './cli.testing.ts'

const manifest = join(corpus, 'istio-bookinfo/bookinfo/platform/kube/bookinfo.yaml')
const flows = join(corpus, 'flows/hubble')
const skip = [manifest, flows].every((each) => existsSync(each))
  ? false
  : `no ${manifest} or no ${flows} (set BULKHEAD_CORPUS)`

const folder = testFolder()
/** It names no namespace, and nor does it need one: the flows are of `bookinfo`. */
const INPUT = ['-f', manifest, '-n', 'bookinfo', '--history', flows]
/** What a recording of seconds can be asked for. */
const SHORT = ['--min-days', '0', '--max-unseen', '1']

function proofOf(policies: readonly Json[], ...args: readonly string[]): { status: number | null; proof: ReportProof } {
  const file = folder.write('policies.yaml', policies.map((each) => yamlText(each as object)).join('---\n'))
  const { status, stdout, stderr } = bulkhead(['prove', ...INPUT, ...args, '--fix', file, '-o', 'json'])
  assert.ok(stdout !== '', stderr)
  return { status, proof: JSON.parse(stdout) as ReportProof }
}

describe('Bookinfo and what Hubble recorded of it', { skip }, () => {
  let long: readonly ReportStep[]
  let short: readonly ReportStep[]
  before(() => {
    long = scanned(INPUT).plan ?? []
    short = scanned([...INPUT, ...SHORT]).plan ?? []
  })
  const policyOf = (name: string): JsonObject => {
    const [object] = short.find(({ id }) => id === `isolate-bookinfo-${name}`)?.objects ?? []
    assert.ok(isObject(object), `no policy for ${name} among ${short.map(({ id }) => id).join(' ')}`)
    return object
  }

  test('policies are proposed, and replayed', () => {
    for (const steps of [long, short]) {
      assert.ok(steps.length >= 3)
      for (const { id, kinds, proof } of steps) {
        assert.deepEqual(kinds, ['isolate'], id)
        assert.ok(proof.replayed > 0, id)
        assert.match(proof.window.from, /^2021-06-16T/)
      }
    }
  })

  test('unknown for want of time: three days of records, not the months that they span', () => {
    for (const { id, proof } of long) {
      assert.equal(proof.verdict, 'unknown', id)
      assert.equal(proof.window.days, 3)
      assert.ok(proof.reasons.includes('the window is 3 of at least 7 days'), proof.reasons.join('; '))
      assert.equal(proof.unseenMass, null)
    }
    assert.equal(long[0]?.proof.reasons[0], 'the window is 3 of at least 7 days')
  })

  test('holds for the workloads that the recordings show whole, as far as they go', () => {
    const holds = short.filter(({ proof }) => proof.verdict === 'holds').map(({ id }) => id)
    for (const name of ['details-v1', 'productpage-v1'])
      assert.ok(holds.includes(`isolate-bookinfo-${name}`), `${name}: ${holds.join(' ')}`)
  })

  test('with a rule removed that was needed it breaks, with the flow', () => {
    const policy = policyOf('productpage-v1')
    const whole = proofOf([policy], ...SHORT)
    assert.deepEqual([whole.status, whole.proof.verdict], [0, 'holds'])
    const spec = field(policy, 'spec') as JsonObject
    const egress = list(field(spec, 'egress')).filter((rule) => !JSON.stringify(rule).includes('details'))
    assert.ok(egress.length < list(field(spec, 'egress')).length)
    for (const options of [SHORT, []]) {
      const { status, proof } = proofOf([{ ...policy, spec: { ...spec, egress } }], ...options)
      assert.deepEqual([status, proof.verdict], [4, 'breaks'])
      const first = proof.counterexamples.find(({ what }) => what.includes('details-v1'))
      assert.equal(first?.what, 'Deployment/bookinfo/productpage-v1 to Deployment/bookinfo/details-v1 TCP 9080')
      assert.match(first?.why ?? '', /the egress of Deployment bookinfo\/productpage-v1 is isolated by NetworkPolicy/)
      assert.match(first?.file ?? '', /basic-sample-.*-flows\.json$/)
      const { flow } = JSON.parse(first?.raw ?? '') as { flow: { verdict: string } }
      assert.match(flow.verdict, /^(FORWARDED|REDIRECTED)$/)
    }
  })

  test('an end that resolves to nothing makes unknown only the policies that it touches', () => {
    const unresolved = ({ proof }: { proof: ReportProof }): readonly string[] =>
      proof.blindSpots.filter(({ kind }) => kind === 'unresolved-peer').flatMap(({ touches }) => touches)
    const touched = new Set(short.flatMap(unresolved))
    assert.deepEqual([...touched], ['Deployment/bookinfo/reviews-v1'])
    for (const step of short) {
      const isTouched = step.id.includes('reviews-v1')
      assert.equal(unresolved(step).length > 0, isTouched, step.id)
      if (isTouched) assert.equal(step.proof.verdict, 'unknown')
    }
  })
})
