// Who may write which role and which binding, by the API server and by the product. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  aggregates,
  checkBinding,
  checkRole,
  type Escalation,
  holderOf,
  isUnchanged,
} from '../../src/authz/escalation.ts'
import type { RbacPolicy } from '../../src/authz/policy.ts'
import { at, string } from '../../src/cluster/json.ts'
import { decodeBinding, decodeRole } from '../../src/cluster/rbac.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { type Answer, type Api, connect, each, nameOf } from '../policy/api.ts'
import { seeded } from '../policy/random.ts'
import { compacted } from './compacted.ts'
import { as, asObject, installRbac, policyHeld } from './held.ts'
import { NAMESPACES, randomPolicy } from './policy.ts'
import { ROLES, randomWrite, WRITERS, type Write } from './writes.ts'

const MINOR = 36
const WRITES = 3000

let plane: ControlPlane
let api: Api
let policy: RbacPolicy
const random = seeded(20261122)
before(async () => {
  plane = await startControlPlane({ components: ['apiserver'] })
  api = connect(plane)
  for (const name of NAMESPACES) await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await installRbac(api, [...randomPolicy(random, ROLES), ...WRITERS])
  policy = await policyHeld(api, MINOR)
})
after(async () => {
  api?.close()
  await plane?.stop()
})

async function ask({ requester, how, body, before }: Write): Promise<Answer> {
  const collection = await api.collection(body)
  const query = { dryRun: 'All' }
  const headers = as(requester)
  if (how === 'POST') return api.request('POST', collection, body, { query, headers })
  const path = `${collection}/${nameOf(body)}`
  // Either creates what is not there.
  if (how === 'PUT') return api.request('PUT', path, body, { query, headers })
  if (before === undefined) {
    const applied = { query: { ...query, fieldManager: 'e2e' }, headers, contentType: 'application/apply-patch+yaml' }
    return api.request('PATCH', path, body, applied)
  }
  return api.request('PATCH', path, body, { query, headers, contentType: 'application/merge-patch+json' })
}

function judged({ requester, how, body, before }: Write): Escalation {
  const holder = holderOf(policy, requester)
  const after = asObject(body)
  const unchanged = before !== undefined && isUnchanged(asObject(before), after)
  if (after.kind === 'Role' || after.kind === 'ClusterRole')
    return checkRole(holder, {
      kind: after.kind,
      namespace: after.namespace,
      name: how === 'POST' ? '' : after.name,
      rules: decodeRole(after).rules,
      aggregates: aggregates(after) || (before !== undefined && aggregates(asObject(before))),
      unchanged,
    })
  const binding = decodeBinding(after)
  return checkBinding(holder, { ...binding, rules: policy.roleOf(binding)?.rules, unchanged })
}

const AGGREGATES = 'must have cluster-admin privileges to use the aggregationRule'

/** What the API server would say; allowed: nothing. */
function words(judgement: Escalation): string {
  if (judgement.allowed) return ''
  if (judgement.why === 'no-role') return 'not found'
  return judgement.why === 'aggregation' ? AGGREGATES : compacted(judgement.missing).join('\n')
}

function said({ code, body }: Answer): string {
  const message = string(at(body, 'message')) ?? ''
  if (code < 300) return ''
  if (code === 404) return 'not found'
  if (code !== 403) return `${code} ${message}`
  if (message.endsWith(AGGREGATES)) return AGGREGATES
  const [first, ...lines] = message.replace(/; resolution errors: .*$/s, '').split('\n')
  return first?.endsWith('is attempting to grant RBAC permissions not currently held:') ? lines.join('\n') : message
}

describe('whoever writes a role or a binding', () => {
  test('is refused as ours says, for want of the same rights', async (t) => {
    const writes = Array.from({ length: WRITES }, () => randomWrite(random, policy))
    const tally = new Map<string, number>()
    const wrong: unknown[] = []
    await each(writes, async (write) => {
      const judgement = judged(write)
      const ours = words(judgement)
      const theirs = said(await ask(write))
      if (ours !== theirs) wrong.push({ write, ours, theirs })
      const outcome = judgement.allowed ? judgement.by : judgement.why
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
    })
    t.diagnostic(`${WRITES} dry runs: ${[...tally].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`)
    assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} differ`)
    const outcomes = ['system:masters', 'escalate', 'bind', 'unchanged', 'held', 'not-held', 'aggregation', 'no-role']
    for (const outcome of outcomes) assert.ok((tally.get(outcome) ?? 0) >= 10, `${outcome}: ${tally.get(outcome)}`)
  })
})
