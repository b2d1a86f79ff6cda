// The control plane itself: that it is what it says, and that nothing of it stays. Run: npm run e2e
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as dial } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { at, list } from '../../src/cluster/json.ts'
import { type Api, connect } from '../policy/api.ts'
import { KUBERNETES, programs } from './build.ts'
import { type ControlPlane, startControlPlane } from './start.ts'

const GONE_MS = 20_000

function listens(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(Number(new URL(url).port), '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function gone(folder: string, url: string): Promise<boolean> {
  for (const deadline = Date.now() + GONE_MS; Date.now() < deadline; await setTimeout(100))
    if (!existsSync(folder) && !(await listens(url))) return true
  return false
}

describe('a control plane', () => {
  let folder: string
  let plane: ControlPlane
  let api: Api
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
    const audit = { policy: join(folder, 'policy.json'), log: join(folder, 'audit.log') }
    const rules = [{ level: 'Metadata', omitStages: ['RequestReceived'] }]
    writeFileSync(audit.policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }))
    plane = await startControlPlane({ components: ['apiserver'], audit, flags: ['--event-ttl=2h'] })
    api = connect(plane)
  })
  after(async () => {
    api?.close()
    await plane?.stop()
    if (folder) rmSync(folder, { recursive: true })
  })

  test('is the release that it says', {
    skip: process.env.KUBEBUILDER_ASSETS && 'KUBEBUILDER_ASSETS is set',
  }, async () => {
    const { body } = await api.request('GET', '/version')
    assert.equal(at(body, 'gitVersion'), KUBERNETES)
  })

  test('lets the administrator do everything and others nothing, and says so in its audit log', async () => {
    const path = '/api/v1/namespaces/kube-system/secrets'
    assert.equal((await api.request('GET', path)).code, 200)
    const refused = await api.request('GET', path, undefined, { token: plane.tokens.alice })
    assert.equal(refused.code, 403)
    const unknown = await api.request('GET', path, undefined, { token: 'nobody' })
    assert.equal(unknown.code, 401)
    const events = readFileSync(join(folder, 'audit.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const users = events
      .filter((event) => event.requestURI === path)
      .map((event) => [event.user.username, event.responseStatus.code])
    assert.deepEqual(users.slice(0, 2), [
      ['admin', 200],
      ['alice', 403],
    ])
  })

  test('stores what a dry run would store, and a dry run stores nothing', async () => {
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'e2e', namespace: 'default' },
      data: { a: '1' },
    }
    assert.equal((await api.dryRunCreate(configMap)).code, 201)
    const path = `${await api.collection(configMap)}/e2e`
    assert.equal((await api.request('GET', path)).code, 404)
    assert.deepEqual(at(await api.apply(configMap), 'data'), { a: '1' })
    assert.equal((await api.request('GET', path)).code, 200)
    await api.delete(configMap)
    await api.delete(configMap)
    assert.equal((await api.request('GET', path)).code, 404)
  })

  test('is not there when it does not come up, and says why', async () => {
    await assert.rejects(startControlPlane({ components: ['apiserver'], flags: ['--no-such-flag'] }), /no-such-flag/)
  })

  test('is gone after stop', async () => {
    const { folder: data, url } = plane
    assert.ok(await listens(url))
    await plane.stop()
    assert.ok(!existsSync(data))
    assert.ok(!(await listens(url)))
  })
})

describe('a control plane whose tests are killed', () => {
  let tests: ChildProcess | undefined
  after(() => tests?.kill('SIGKILL'))

  test('is gone, with its controllers', async (t) => {
    if (!(await programs()).has('kube-controller-manager'))
      return t.skip('no kube-controller-manager in KUBEBUILDER_ASSETS')
    tests = spawn(process.execPath, [fileURLToPath(new URL('serve.ts', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(tests.stdout!, 'data')) as [Buffer]
    const { url, folder, kubeconfig } = JSON.parse(line.toString())
    assert.ok(await listens(url))
    const user = at(JSON.parse(readFileSync(kubeconfig, 'utf8')), 'users', 0)
    assert.equal(at(user, 'name'), 'admin')
    assert.equal(list(at(JSON.parse(readFileSync(kubeconfig, 'utf8')), 'clusters')).length, 1)
    tests.kill('SIGKILL')
    assert.ok(await gone(folder, url))
  })
})
