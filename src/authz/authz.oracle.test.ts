import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Json } from '../cluster/json.ts'
import { field, list, object, string, strings } from '../cluster/json.ts'
import { decodeRole, decodeRule, type PolicyRule } from '../cluster/rbac.ts'
import { authorizeByRbac } from './authorize.ts'
import { uncovered } from './covers.ts'
import { aggregated } from './policy.ts'
import { asObject, type Compared, compare, policyOf, usersOf } from './vectors.testing.ts'

const vectors = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../oracle/vectors/${name}.json`, import.meta.url), 'utf8')) as Json

for (const file of ['rbac', 'rbac-random']) {
  test(`authorize agrees with Kubernetes 1.28, 1.36 and 1.37: ${file}`, () => {
    const all = vectors(file)
    const users = usersOf(all)
    let count = 0
    for (const item of list(field(all, 'cases'))) {
      const policy = policyOf(item)
      const reasons = strings(field(item, 'reasons'))
      for (const request of list(field(item, 'requests'))) {
        const [user, verb, group, resource, subresource, name, namespace, path, allowed, reason] = request as [
          number,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          number,
          number,
        ]
        const decision = authorizeByRbac(
          policy,
          users[user] as (typeof users)[number],
          path ? { verb, path } : { verb, group, resource, subresource, name, namespace },
        )
        const what = `${string(field(item, 'name'))}: ${JSON.stringify(request)}`
        assert.equal(decision.allowed, Boolean(allowed), what)
        if (decision.allowed) assert.equal(decision.reason, reasons[reason], what)
        count++
      }
    }
    assert.ok(count > 200, `only ${count} requests were read`)
  })
}

test('grants, reasons and escalation checks agree with Kubernetes 1.28, 1.36 and 1.37', () => {
  const all = vectors('access')
  const found: Compared = { requests: 0, granted: 0, byMany: 0, writes: 0, refused: 0, differences: [] }
  for (const item of list(field(all, 'cases'))) compare(item, usersOf(all), found)
  assert.deepEqual(found.differences.slice(0, 10), [])
  assert.deepEqual(field(all, 'differences'), [])
  assert.ok(found.requests >= 20_000 && found.granted > 5000 && found.byMany > 500, JSON.stringify(found))
  assert.ok(found.writes >= 1000 && found.refused > 500 && found.writes - found.refused > 400, JSON.stringify(found))
})

test('uncovered agrees with policy_comparator', () => {
  const cases = list(field(vectors('rbac-covers'), 'cases'))
  const rulesOf = (item: Json, key: string): PolicyRule[] => list(field(item, key)).map(decodeRule)
  for (const item of cases) {
    const missing = uncovered(rulesOf(item, 'ownerRules'), rulesOf(item, 'servantRules'))
    assert.equal(missing.length === 0, field(item, 'covered'), string(field(item, 'name')))
    assert.deepEqual(missing, rulesOf(item, 'uncovered'), string(field(item, 'name')))
  }
  assert.ok(cases.length > 400)
})

test('aggregation agrees with the clusterrole-aggregation controller', () => {
  const cases = list(field(vectors('rbac-aggregation'), 'cases'))
  for (const item of cases) {
    const roles = list(field(item, 'clusterRoles')).map((body) => decodeRole(asObject('ClusterRole', body)))
    // The controller overwrites what a manifest says; a snapshot holds the outcome, so rules are emptied here first.
    const results = aggregated(roles.map((role) => (role.aggregation ? { ...role, rules: [] } : role)))
    const errors = object(field(item, 'errors'))
    for (const [name, rules] of Object.entries(object(field(item, 'rules')))) {
      if (Object.hasOwn(errors, name)) continue
      const result = results.find((role) => role.name === name)
      assert.deepEqual(
        result?.rules ?? roles.find((role) => role.name === name)?.rules,
        list(rules).map(decodeRule),
        `${string(field(item, 'name'))}: ${name}`,
      )
    }
  }
  assert.ok(cases.length > 10)
})
