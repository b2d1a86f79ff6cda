// Policies that the API server refuses, and why. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ADMISSION_GROUP } from '../../src/engines/policy/admission/definition.ts'
import { refusalsOf } from '../../src/engines/policy/refusal/refusals.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { type Acceptance, acceptance } from './acceptance.ts'
import { type Api, connect, each } from './api.ts'
import { policyName } from './binding.ts'
import { brokenOf } from './broken.ts'
import { readCatalogue } from './catalogue.ts'
import { policies as own } from './own.fixture.ts'

const MINOR = 36
const catalogue = (await readCatalogue()).map(({ body }) => body)
const named = (name: string, kind: string) =>
  catalogue.find((body) => policyName(body) === name && body.kind === `${kind}AdmissionPolicy`)
const whole = [
  named('privileged', 'Validating'),
  named('privileged', 'Mutating'),
  own.find((body) => policyName(body) === 'says-why'),
].filter((body) => body !== undefined)

let plane: ControlPlane
let api: Api
before(async () => {
  plane = await startControlPlane({ components: ['apiserver'] })
  api = connect(plane)
})
after(async () => {
  api?.close()
  await plane?.stop()
})

/** In the API server's words and order; of what it could not even read, nothing but that. */
function told(answer: Acceptance): readonly string[] {
  if (answer.accepted) return []
  if (answer.causes.length === 0) return ['unreadable']
  return answer.causes.map(({ field, reason, message }) => `${field}: ${reason}: ${message}`)
}

describe('broken policies', () => {
  const broken = brokenOf(whole)

  test('are refused by both, with the same words at the same fields', async (t) => {
    assert.ok(broken.length >= 200, `${broken.length}`)
    const answers = await each(broken, ({ body }) => acceptance(api, body))
    const wrong = broken.flatMap(({ what, body }, index) => {
      const refusals = refusalsOf({ group: ADMISSION_GROUP, kind: String(body.kind), body }, MINOR)
      const ours = refusals.some(({ reason }) => reason === 'Unreadable')
        ? ['unreadable']
        : refusals.map(({ field, reason, message }) => `${field}: ${reason}: ${message}`)
      const theirs = told(answers[index] as Acceptance)
      return ours.length > 0 && JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ what, ours, theirs }]
    })
    t.diagnostic(`${broken.length} broken policies and bindings`)
    assert.deepEqual(wrong, [])
  })

  test('and whole ones by neither', async () => {
    for (const body of [...catalogue, ...whole]) {
      assert.deepEqual(
        refusalsOf({ group: ADMISSION_GROUP, kind: String(body.kind), body }, MINOR),
        [],
        policyName(body),
      )
      const answer = await acceptance(api, body)
      assert.ok(answer.accepted, `${policyName(body)}: ${JSON.stringify(answer)}`)
    }
  })
})
