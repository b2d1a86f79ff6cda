// The product's authorizer and the API server's on the same requests of the same policy. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { authorize, grantsByRbac, reasonOf } from '../../src/authz/authorize.ts'
import { rulesHeld } from '../../src/authz/escalation.ts'
import { type RbacPolicy, rbacPolicy } from '../../src/authz/policy.ts'
import { isUrlRequest, type Request } from '../../src/authz/rules.ts'
import { at, type Json, type JsonObject, list } from '../../src/cluster/json.ts'
import { decodeBinding, decodeRole, isRole, type PolicyRule } from '../../src/cluster/rbac.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { type Api, connect, each } from '../policy/api.ts'
import { seeded } from '../policy/random.ts'
import { as, asObject, installRbac, policyHeld, review } from './held.ts'
import { NAMESPACES, randomCaller, randomPolicy, randomRequest } from './policy.ts'

const MINOR = 36
const QUESTIONS = 6000
const LISTINGS = 600

let plane: ControlPlane
let api: Api
let policy: RbacPolicy
const random = seeded(20261121)
const written = randomPolicy(random, 25)
before(async () => {
  plane = await startControlPlane({ components: ['apiserver'] })
  api = connect(plane)
  for (const name of NAMESPACES) await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await installRbac(api, written)
  policy = await policyHeld(api, MINOR)
})
after(async () => {
  api?.close()
  await plane?.stop()
})

function specOf(request: Request): JsonObject {
  return isUrlRequest(request)
    ? { nonResourceAttributes: { verb: request.verb, path: request.path } }
    : { resourceAttributes: { ...request } }
}

describe('the authorizer', () => {
  test('decides as ours does, for a reason that ours knows', async (t) => {
    const roles = policy.roles.filter(({ name }) => /^(c|r)-/.test(name))
    const questions = Array.from({ length: QUESTIONS }, () => ({
      requester: randomCaller(random),
      request: randomRequest(random, random.pick(random.pick(roles).rules)),
    }))
    // Without what the server told of its defaults: those of its version that we know.
    const objects = written.map(asObject)
    const assumed = rbacPolicy({
      roles: objects.filter(isRole).map((one) => decodeRole(one)),
      bindings: objects.filter((one) => !isRole(one)).map((one) => decodeBinding(one)),
      version: { minor: MINOR },
    })
    let allowed = 0
    let byOne = 0
    const wrong: unknown[] = []
    await each(questions, async ({ requester, request }) => {
      const status = await review(api, { user: requester.user, groups: requester.groups, ...specOf(request) })
      const reasons = new Set(grantsByRbac(policy, requester, request).map(reasonOf))
      const ours = [policy, assumed].map((one) => authorize(one, requester, request).allowed)
      if (ours.some((one) => one !== status.allowed)) wrong.push({ requester, request, status, ours })
      if (status.allowed !== true) return
      allowed++
      if (reasons.size === 1) byOne++
      // Of several, the server names the one that its cache gives first, which is in no order.
      const isMaster = requester.groups.includes('system:masters')
      if (isMaster ? status.reason !== undefined : !reasons.has(String(status.reason)))
        wrong.push({ requester, request, status, reasons: [...reasons] })
    })
    t.diagnostic(
      `${QUESTIONS} SubjectAccessReviews, ${allowed} allowed, ${byOne} of them by one subject of one binding`,
    )
    assert.deepEqual(wrong.slice(0, 10), [])
    assert.ok(allowed > QUESTIONS / 5 && allowed < (QUESTIONS * 4) / 5 && byOne > 500)
  })

  test('gives everyone the rules that ours gives', async (t) => {
    const questions = Array.from({ length: LISTINGS }, () => ({
      requester: randomCaller(random),
      namespace: random.pick([...NAMESPACES, 'default']),
    }))
    let rules = 0
    const wrong: unknown[] = []
    await each(questions, async ({ requester, namespace }) => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } }
      const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
      const answer = await api.request('POST', path, body, { headers: as(requester) })
      assert.equal(answer.code, 201, JSON.stringify(answer.body))
      const theirs = ['resourceRules', 'nonResourceRules'].flatMap((key) =>
        list(at(answer.body, 'status', key)).map(sorted),
      )
      const ours = rulesHeld(policy, requester, namespace).flatMap(shown)
      rules += theirs.length
      if (JSON.stringify(theirs.sort()) !== JSON.stringify(ours.sort()))
        wrong.push({ requester, namespace, theirs, ours })
    })
    t.diagnostic(`${questions.length} SelfSubjectRulesReviews, ${rules} rules`)
    assert.deepEqual(wrong.slice(0, 3), [])
    assert.ok(rules > 5000)
  })
})

function sorted(rule: Json): string {
  const fields = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs']
  return JSON.stringify(fields.map((key) => list(at(rule, key))))
}

/** As RulesFor of plugin/pkg/auth/authorizer/rbac parts them. */
function shown({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string[] {
  return [
    ...(resources.length > 0 ? [JSON.stringify([verbs, apiGroups, resources, resourceNames, []])] : []),
    ...(nonResourceURLs.length > 0 ? [JSON.stringify([verbs, [], [], [], nonResourceURLs])] : []),
  ]
}
