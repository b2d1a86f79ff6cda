// The fixes of the catalogue by the real MutatingAdmissionPolicy and by the product. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { asAdmitted } from '../../src/cluster/admitted/admitted.ts'
import { asCreated } from '../../src/cluster/admitted/created.ts'
import type { JsonObject } from '../../src/cluster/json.ts'
import { beforeCreation, creations } from '../../src/engines/policy/admission/request.ts'
import { mutationOf } from '../../src/engines/policy/mutating/definition.ts'
import { Mutator } from '../../src/engines/policy/mutating/mutate.ts'
import { compileMutations } from '../../src/engines/policy/mutating/policy.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { judge } from './agree.ts'
import { type Api, connect } from './api.ts'
import { unexpected } from './as-stored.ts'
import { bindingOf, inLane, policyName } from './binding.ts'
import { readCatalogue } from './catalogue.ts'
import { kubeObject } from './ours.ts'
import { customKinds, readExamples } from './pool.ts'
import type { Question } from './question.ts'

const MINOR = 36
const fixes = (await readCatalogue()).map(({ body }) => body).filter(({ kind }) => kind === 'MutatingAdmissionPolicy')

let plane: ControlPlane
let api: Api
before(async () => {
  plane = await startControlPlane({ components: ['apiserver'] })
  api = connect(plane)
  for (const definition of customKinds()) await api.apply(definition)
  api.forgetDiscovery()
})
after(async () => {
  api?.close()
  await plane?.stop()
})

/** The object as it would be stored, by the product; undefined where it cannot tell or would refuse. */
function mutated(fix: JsonObject, sent: JsonObject): JsonObject | undefined {
  const set = compileMutations([mutationOf(kubeObject(fix))], { minor: MINOR, mode: 'stored' })
  const [policy] = set.policies
  assert.ok(policy)
  const nothing = { find: () => [], brought: () => [], isComplete: () => true }
  const mutator = new Mutator(set, [{ policy, bindings: 'everything' }], MINOR, nothing)
  const request = creations({ namespaces: new Map(), ofKind: () => [] }, MINOR)(kubeObject(sent))
  const { body, denied, unknown } = mutator.mutate(beforeCreation(request, MINOR))
  return denied || unknown !== undefined ? undefined : asCreated(asAdmitted({ body }, MINOR).body, MINOR)
}

describe('the fixes of the catalogue', () => {
  test('leave the same object, by the API server and by the product', async (t) => {
    const examples = (await readExamples()).filter(({ of }) => fixes.some((fix) => policyName(fix) === of))
    const questions: Question[] = []
    for (const [index, { of, kind, body }] of examples.entries())
      if (await api.resource(String(body.apiVersion), String(body.kind)))
        questions.push({ id: `${of}/${kind}/${index}`, operation: 'CREATE', object: body })
    const set = { policies: fixes, bindings: fixes.map((fix) => bindingOf(fix)), params: [] }
    const { pairs } = await judge(api, set, questions, { pairs: (policy, id) => id.startsWith(`${policy}/`) })
    let compared = 0
    let changed = 0
    for (const { policy: name, question, stored, verdict } of pairs) {
      if (verdict === 'refused' || stored === undefined) continue
      const one = questions.find(({ id }) => id === question)
      const fix = fixes.find((body) => policyName(body) === name)
      assert.ok(fix && one?.operation === 'CREATE')
      const sent = inLane(one.object, name)
      const ours = mutated(fix, sent)
      assert.ok(ours, `${question}: unknown`)
      assert.deepEqual(unexpected(ours, stored), [], question)
      const plain = creations({ namespaces: new Map(), ofKind: () => [] }, MINOR)(kubeObject(sent)).body
      compared++
      if (!isDeepStrictEqual(plain, ours)) changed++
    }
    t.diagnostic(`${fixes.length} fixes, ${compared} objects, ${changed} of them changed`)
    assert.ok(compared > 5 * fixes.length && changed > 2 * fixes.length)
  })
})
