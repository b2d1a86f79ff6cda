// Minimised roles at a real API server: what was done is allowed still, what was refused and what was never done is not. Run: npm run e2e
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, type TestContext, test } from 'node:test'
import { events } from '../../bench/audit/events.ts'
import { worldOf } from '../../bench/audit/world.ts'
import { writeAudit } from '../../bench/audit/write.ts'
import { authorize } from '../../src/authz/authorize.ts'
import { isUrlRequest, type Request } from '../../src/authz/rules.ts'
import type { Requester } from '../../src/authz/subjects.ts'
import { bulkhead, testFolder } from '../../src/cli/cli.testing.ts'
import { type JsonObject, string } from '../../src/cluster/json.ts'
import { objectsOf } from '../../src/cluster/testing.ts'
import { startControlPlane } from '../controlplane/start.ts'
import { type Api, connect, each } from '../policy/api.ts'
import { seeded } from '../policy/random.ts'
import { installRbac, policyHeld, replaceRbac, review } from './held.ts'
import { isLetThrough, type Recorded, recorded, requestOf } from './replay.ts'
import { todaysPolicy } from './world.ts'

const SEED = 11
const EVENTS = 30_000
const UNUSED = 2000
const MINOR = 36

const folder = testFolder()
const world = worldOf(SEED)
const log = join(folder.path, 'audit.log')
const file = join(folder.path, 'rbac.yaml')
const today = todaysPolicy(world)
/** Nodes are let through by an authorizer of their own. */
const replayed = recorded(events(SEED, EVENTS, world)).filter(
  ({ requester }) => !requester.user.startsWith('system:node:'),
)

before(() => {
  writeAudit(log, 'v1', events(SEED, EVENTS, world))
  // JSON is YAML.
  writeFileSync(file, today.map((one) => `${JSON.stringify(one)}\n`).join('---\n'))
})

function minimized(args: readonly string[]): readonly JsonObject[] {
  const made = bulkhead(['access', 'minimize', '--all', '--history', log, '-o', 'yaml', ...args])
  assert.ok(made.stdout.length > 0, made.stderr)
  return objectsOf(made.stdout).map(({ body }) => body)
}

async function namespacesFor(api: Api, objects: readonly JsonObject[]): Promise<void> {
  const names = new Set(objects.map((one) => string((one.metadata as JsonObject).namespace) ?? 'default'))
  await each([...names], (name) => api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
}

async function atServer(work: (api: Api) => Promise<void>): Promise<void> {
  const plane = await startControlPlane({ components: ['apiserver'] })
  const api = connect(plane)
  try {
    await work(api)
  } finally {
    api.close()
    await plane.stop()
  }
}

async function refusedOf(api: Api, requests: readonly Recorded[]): Promise<readonly Recorded[]> {
  const passed = await each(requests, (one) => isLetThrough(api, one))
  return requests.filter((_, index) => !passed[index])
}

const keyOf = ({ user }: Requester, request: Request): string => JSON.stringify([user, request])
const done = new Set(replayed.filter(({ allowed }) => allowed).map((one) => keyOf(one.requester, requestOf(one.event))))
const used = replayed.filter(({ allowed }) => allowed)
/** What the log shows to be refused and never allowed. */
const onlyRefused = replayed.filter((one) => !one.allowed && !done.has(keyOf(one.requester, requestOf(one.event))))

async function judge(t: TestContext, api: Api): Promise<void> {
  const lost = await refusedOf(api, used)
  const short = ({ requester, event }: Recorded) => `${requester.user} ${event.verb} ${event.requestURI}`
  assert.deepEqual(lost.slice(0, 10).map(short), [], `${lost.length} of ${used.length} recorded requests are refused`)
  const kept = await refusedOf(api, onlyRefused)
  const gained = onlyRefused.filter((one) => !kept.includes(one))
  assert.deepEqual(gained.slice(0, 10).map(short), [], `${gained.length} requests that were refused are allowed`)
  t.diagnostic(`${used.length} recorded requests are allowed, ${onlyRefused.length} that were only refused are refused`)
  assert.ok(used.length > 3000 && onlyRefused.length > 100)
}

describe('minimised roles', () => {
  test('of the log alone allow what was done, and nothing that was only refused', async (t) => {
    const objects = minimized([])
    await atServer(async (api) => {
      await namespacesFor(api, objects)
      await installRbac(api, objects)
      await judge(t, api)
    })
  })

  test('of the roles of today take away what was not used', async (t) => {
    const objects = minimized(['-f', file])
    const random = seeded(SEED)
    await atServer(async (api) => {
      await namespacesFor(api, [...today, ...objects])
      await installRbac(api, today)
      const wide = await policyHeld(api, MINOR)
      assert.deepEqual(await refusedOf(api, used.slice(0, 500)), [], 'today allows what was done')
      await replaceRbac(api, objects)
      const small = await policyHeld(api, MINOR)
      await judge(t, api)
      const asked = unusedRights(random, (who, request) => authorize(wide, who, request).allowed)
      const allowed = await each(asked, async ({ who, request }) => {
        const spec = isUrlRequest(request)
          ? { nonResourceAttributes: { ...request } }
          : { resourceAttributes: { ...request } }
        const status = await review(api, { user: who.user, groups: who.groups, ...spec })
        assert.equal(status.allowed, authorize(small, who, request).allowed, JSON.stringify({ who, request, status }))
        return status.allowed === true
      })
      const left = asked.filter((_, index) => allowed[index])
      t.diagnostic(`${asked.length} rights of today that were not used: ${left.length} are left`)
      assert.ok(asked.length >= UNUSED && left.length <= asked.length * 0.01, JSON.stringify(left.slice(0, 10)))
    })
  })
})

/** Rights that someone has today, of which neither they nor who is in a team with them have used any name. */
function unusedRights(
  random: ReturnType<typeof seeded>,
  isGranted: (who: Requester, request: Request) => boolean,
): readonly { readonly who: Requester; readonly request: Request }[] {
  const whos = [...new Map(used.map(({ requester }) => [requester.user, requester])).values()]
  const teamOf = ({ user, groups }: Requester): string => (user.startsWith('system:') ? user : (groups[0] ?? user))
  const rightOf = (who: Requester, request: Request): string =>
    JSON.stringify([teamOf(who), isUrlRequest(request) ? request : { ...request, name: '' }])
  const known = new Set(used.map((one) => rightOf(one.requester, requestOf(one.event))))
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
  const found: { who: Requester; request: Request }[] = []
  for (let turn = 0; found.length < UNUSED && turn < UNUSED * 100; turn++) {
    const who = random.pick(whos)
    const like = requestOf(random.pick(used).event)
    if (isUrlRequest(like)) continue
    const request = { ...like, verb: random.pick(verbs), name: random.chance(0.5) ? like.name : '' }
    // Whoever lists all namespaces has used the right in each.
    const isUsed = [request, { ...request, namespace: '' }].some((each) => known.has(rightOf(who, each)))
    if (!isUsed && isGranted(who, request)) found.push({ who, request })
  }
  return found
}
