import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clusterOf } from '../../../cluster/testing.ts'
import type { Access, Alike } from '../../../history/history.ts'
import { account, memory, START } from '../../../prove/testing.ts'
import { DAY_MS, Samples } from '../../seen.ts'
import { policyOf } from '../policy.ts'
import { accessFold } from './fold.ts'

const policy = policyOf(
  clusterOf(`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{verbs: [get], apiGroups: [""], resources: [secrets], resourceNames: [db]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: User, name: ann}]
`),
)

const ADMIN = { user: 'root', groups: ['system:masters'] }

/** What `alike` stands for; what each request has of its own is beside it. */
const said = fc.record({
  who: fc.constantFrom<Partial<Access>>(
    { user: 'ann', groups: ['dev'] },
    { user: 'ann', groups: [] },
    { user: 'ann', groups: ['dev'], impersonator: ADMIN },
    { ...account('shop', 'ci'), pod: { name: 'ci-0', uid: 'u', node: 'n' } },
    { user: 'system:node:a', groups: ['system:nodes'] },
  ),
  what: fc.constantFrom<Partial<Access>>(
    { resource: 'secrets', name: 'db' },
    { resource: 'secrets', name: 'mail' },
    { resource: 'secrets' },
    { resource: 'pods', subresource: 'log', name: 'web-0' },
    { resource: 'jobs', group: 'batch' },
    { resource: 'roles', group: 'rbac.authorization.k8s.io' },
    { resource: 'roles', group: 'rbac.authorization.k8s.io', name: 'reader' },
    { resource: 'subjectaccessreviews', group: 'authorization.k8s.io' },
    { resource: 'tokenreviews', group: 'authentication.k8s.io' },
    { resource: '' },
  ),
  verb: fc.constantFrom('get', 'list', 'create', 'patch', 'delete'),
  end: fc.constantFrom<Partial<Access>>(
    { decision: 'allow', code: 200, reason: 'one' },
    { decision: 'allow', code: 200, reason: 'two' },
    { decision: 'allow', code: 201, reason: 'one' },
    { decision: 'forbid', code: 403 },
    { decision: 'untold', code: 401 },
    { decision: 'allow', code: 200, dryRun: true },
  ),
  namespace: fc.constantFrom('shop', 'mail'),
})

const asked = fc.record({
  said,
  time: fc.constantFrom(0, 1, 3 * DAY_MS - 1, 3 * DAY_MS, 9 * DAY_MS + 7, DAY_MS / 2),
  own: fc.constantFrom('a', 'b'),
})

test('requests that are known to be alike are counted as all others are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { minLength: 20, maxLength: 200 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (all, slots, detailed) => {
        const accesses = all.map(({ said: { who, what, verb, end, namespace }, time, own }) => ({
          ...who,
          ...what,
          ...end,
          verb,
          namespace,
          time: START + time,
          end: START + time,
          path: `/${own}`,
          raw: () => `{"objectRef":{"name":"${own}-28000000"}}`,
        }))
        const keys = all.map(({ said }) => JSON.stringify(said))
        const folded = async (isKnown: boolean) => {
          const fold = accessFold({ policy, workloadOf: (_, pod) => pod, samples: new Samples(), detailed })
          const known = new Map<number, { key: string; alike: Alike }>()
          let at = 0
          for await (const batch of memory({ accesses }).accesses())
            for (const access of batch) {
              const key = keys[at++] as string
              const slot = [...key].reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) % 1_000_003, 7) % slots
              if (known.get(slot)?.key !== key) known.set(slot, { key, alike: { slot } })
              fold.add(isKnown ? { ...access, alike: known.get(slot)?.alike } : access)
            }
          const { whos, shown: _, ...rest } = fold.finish()
          return { ...rest, whos }
        }
        assert.deepEqual(await folded(true), await folded(false))
      },
    ),
    { numRuns: 300, seed: 20261122 },
  )
})
