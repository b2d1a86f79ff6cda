// Who may act as whom, of old and by the modes of KEP-5284, by the API server and by the product. Run: npm run e2e
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { authorize } from '../../src/authz/authorize.ts'
import { type Attempt, attempts, type Impersonator, isMet, type Wanted } from '../../src/authz/impersonation.ts'
import type { RbacPolicy } from '../../src/authz/policy.ts'
import { at, type Json, type JsonObject, string, strings } from '../../src/cluster/json.ts'
import { startControlPlane } from '../controlplane/start.ts'
import { type Api, connect, each } from '../policy/api.ts'
import { type Random, seeded } from '../policy/random.ts'
import { as, installRbac, policyHeld } from './held.ts'
import {
  EVERYONE,
  type Granted,
  NAMESPACE,
  NODES,
  type Question,
  randomQuestion,
  randomRights,
} from './impersonators.ts'

const MINOR = 36
const IMPERSONATORS = 60
const QUESTIONS = 40

interface Agent {
  readonly name: string
  readonly impersonator: Impersonator
  readonly token: string
  readonly granted: Granted
}

/** A service account; every third one has a pod on a node, to which its token is bound. */
async function agentOf(api: Api, random: Random, index: number): Promise<Agent> {
  const name = `agent-${index}`
  const metadata = { name, namespace: NAMESPACE }
  await api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  const node = index % 3 === 0 ? random.pick(NODES) : undefined
  const user = `system:serviceaccount:${NAMESPACE}:${name}`
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated']
  const impersonator = { user, groups, ...(node === undefined ? {} : { node }) }
  const spec = node === undefined ? {} : { boundObjectRef: await podOf(api, name, node) }
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`
  const made = await api.request('POST', path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })
  const token = string(at(made.body, 'status', 'token'))
  assert.ok(token, JSON.stringify(made.body))
  return { name, impersonator, token, granted: randomRights(random, impersonator, name) }
}

async function podOf(api: Api, name: string, nodeName: string): Promise<JsonObject> {
  const spec = { serviceAccountName: name, nodeName, containers: [{ name: 'c', image: 'e2e' }] }
  const made = await api.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NAMESPACE }, spec })
  assert.equal(made.code, 201, JSON.stringify(made.body))
  return { apiVersion: 'v1', kind: 'Pod', name, uid: at(made.body, 'metadata', 'uid') ?? null }
}

function headersOf({ user, groups = [], uid = '', extra }: Wanted): Record<string, string[]> {
  const { 'impersonate-user': named = [], ...more } = as({ user, groups })
  const keys = [...(extra ?? [])].map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, [...values]])
  return {
    ...(user === '' ? {} : { 'impersonate-user': named }),
    ...more,
    ...(uid === '' ? {} : { 'impersonate-uid': [uid] }),
    ...Object.fromEntries(keys),
  }
}

interface Outcome {
  readonly code: number
  readonly id: string
  readonly expected: Attempt | 'refused' | 'malformed'
}

/** What the server tries first: the mode by which the same impersonator came last. */
async function askAll(api: Api, policy: RbacPolicy, agent: Agent, questions: readonly Question[], isNew: boolean) {
  const found: (Outcome & { readonly question: Question })[] = []
  let last: string | undefined
  for (const [index, question] of questions.entries()) {
    const { wanted, sent } = question
    const id = `${agent.name}-${index}`
    const options = { token: agent.token, headers: { ...headersOf(wanted), 'audit-id': [id] } }
    const { code } = await api.request(sent.method, sent.path, sent.body, options)
    const may = (request: Parameters<typeof authorize>[2]) => authorize(policy, agent.impersonator, request).allowed
    const met = attempts(agent.impersonator, wanted, sent.request, isNew).filter((attempt) => isMet(attempt, may))
    const attempt = met.find(({ mode }) => mode === last) ?? met[0]
    const isAsked = wanted.user !== '' || [wanted.groups?.length, wanted.uid, wanted.extra?.size].some(Boolean)
    const expected = wanted.user === '' && isAsked ? 'malformed' : isAsked ? (attempt ?? 'refused') : undefined
    if (expected === undefined) continue
    if (typeof expected === 'object') last = expected.mode
    found.push({ code, id, expected, question })
  }
  return found
}

function isAsExpected({ code, expected }: Outcome): boolean {
  if (expected === 'malformed') return code === 400
  return expected === 'refused' ? code === 403 : code === 200 || code === 201 || code === 404
}

function eventsById(log: string): ReadonlyMap<string, Json> {
  const events = readFileSync(log, 'utf8').trim().split('\n')
  return new Map(
    events.map((line) => JSON.parse(line) as Json).map((event) => [string(at(event, 'auditID')) ?? '', event]),
  )
}

for (const [isNew, flags] of [
  [true, []],
  [false, ['--feature-gates=ConstrainedImpersonation=false']],
] as const) {
  describe(isNew ? 'impersonation' : 'impersonation of old', () => {
    test('is allowed where ours says so, as whom and by which mode', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
      const audit = { policy: join(folder, 'policy.json'), log: join(folder, 'audit.log') }
      const rules = [{ level: 'Metadata', omitStages: ['RequestReceived', 'ResponseStarted'] }]
      writeFileSync(audit.policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }))
      const plane = await startControlPlane({ components: ['apiserver'], audit, flags })
      const api = connect(plane)
      try {
        const random = seeded(20261123)
        await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
        for (const name of NODES) await api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
        const agents: Agent[] = []
        for (let index = 0; index < IMPERSONATORS; index++) agents.push(await agentOf(api, random, index))
        await installRbac(api, [...EVERYONE, ...agents.flatMap(({ granted }) => granted.objects)])
        const policy = await policyHeld(api, MINOR)
        const all = agents.map((agent) => ({
          agent,
          questions: Array.from({ length: QUESTIONS }, () => randomQuestion(random, agent.granted)),
        }))
        const outcomes = (
          await each(all, ({ agent, questions }) => askAll(api, policy, agent, questions, isNew))
        ).flat()
        assert.deepEqual(outcomes.filter((one) => !isAsExpected(one)).slice(0, 5), [])

        const events = eventsById(audit.log)
        const tally = new Map<string, number>()
        for (const { id, expected } of outcomes) {
          const mode = typeof expected === 'string' ? expected : expected.mode
          tally.set(mode, (tally.get(mode) ?? 0) + 1)
          if (typeof expected === 'string') continue
          const event = events.get(id)
          assert.equal(string(at(event, 'impersonatedUser', 'username')), expected.as.user, id)
          assert.deepEqual(strings(at(event, 'impersonatedUser', 'groups')), expected.as.groups, id)
          const constraint = string(at(event, 'authenticationMetadata', 'impersonationConstraint')) ?? ''
          assert.equal(constraint, expected.constraint, id)
        }
        t.diagnostic(
          `${outcomes.length} impersonated requests: ${[...tally].map(([mode, count]) => `${count} ${mode}`).join(', ')}`,
        )
        const modes = isNew
          ? ['refused', 'malformed', 'legacy', 'user-info', 'serviceaccount', 'arbitrary-node', 'associated-node']
          : ['refused', 'malformed', 'legacy']
        for (const mode of modes) assert.ok((tally.get(mode) ?? 0) >= 5, `${mode}: ${tally.get(mode)}`)
      } finally {
        api.close()
        await plane.stop()
        rmSync(folder, { recursive: true })
      }
    })
  })
}
