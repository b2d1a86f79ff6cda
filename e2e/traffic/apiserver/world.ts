// Two service accounts at one API server: one that floods it, one that should not suffer.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { at, type JsonObject, list, string } from '../../../src/cluster/json.ts'
import type { ControlPlane } from '../../controlplane/start.ts'
import { type Api, each } from '../../policy/api.ts'
import type { Settings, Told } from './client.ts'

export const CONFIG_MAPS = 2000
const BYTES = 1024
/** At ten a second it would lose less than it may gain on a machine that does nothing else: 120 in 12 seconds is all there is. */
const VICTIM_MS = 20

const meta = (name: string, namespace?: string): JsonObject => ({
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
})

/** What runs as the account: its application and its owner are told from here. */
export const RUNAWAY: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'reporter',
    namespace: 'a',
    labels: { 'app.kubernetes.io/name': 'reports' },
    annotations: { 'a8r.io/owner': 'team-reports' },
  },
  spec: {
    selector: { matchLabels: { app: 'reporter' } },
    template: {
      metadata: { labels: { app: 'reporter' } },
      spec: { serviceAccountName: 'runaway', containers: [{ name: 'main', image: 'reporter:1' }] },
    },
  },
}

export async function furnish(api: Api): Promise<{ readonly runaway: string; readonly app: string }> {
  for (const name of ['a', 'b']) await api.apply({ apiVersion: 'v1', kind: 'Namespace', ...meta(name) })
  await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', ...meta('runaway', 'a') })
  await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', ...meta('app', 'b') })
  const rbac = 'rbac.authorization.k8s.io'
  await api.apply({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    ...meta('reads'),
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
  })
  await api.apply({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    ...meta('reads'),
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'reads' },
    subjects: [
      { kind: 'ServiceAccount', namespace: 'a', name: 'runaway' },
      { kind: 'ServiceAccount', namespace: 'b', name: 'app' },
    ],
  })
  await each(
    Array.from({ length: CONFIG_MAPS }, (_, number) => `c-${number}`),
    async (name) => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', ...meta(name, 'b'), data: { text: 'x'.repeat(BYTES) } }
      const { code } = await api.create(body)
      if (code !== 201) throw new Error(`${name}: ${code}`)
    },
  )
  return { runaway: await tokenOf(api, 'a', 'runaway'), app: await tokenOf(api, 'b', 'app') }
}

async function tokenOf(api: Api, namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const { body } = await api.request('POST', path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' })
  return string(at(body, 'status', 'token')) ?? ''
}

/** All ConfigMaps as `kubectl get -o json` prints them. */
export async function configMaps(api: Api): Promise<JsonObject> {
  const { body } = await api.request('GET', '/api/v1/configmaps')
  const items = list(at(body, 'items')).map((item) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    ...(item as JsonObject),
  }))
  return { apiVersion: 'v1', kind: 'List', items }
}

/** A gauge of flow control, by priority level. */
export async function gauge(api: Api, name: string): Promise<ReadonlyMap<string, number>> {
  const { body } = await api.request('GET', '/metrics', undefined, { accept: 'text/plain' })
  const found = new Map<string, number>()
  for (const line of String(body).split('\n')) {
    const match = /^apiserver_flowcontrol_(\w+)\{priority_level="([^"]+)"\} (\S+)$/.exec(line)
    if (match?.[1] === name) found.set(match[2] as string, Number(match[3]))
  }
  return found
}

function client(settings: Settings): Promise<Told> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('client.ts', import.meta.url))
    const child = spawn(process.execPath, [file, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(text) as Told) : reject(new Error(`a client ended with ${code}`)),
    )
  })
}

export type Run = { readonly flood: Told | undefined; readonly victim: Told }

/** The other client reads one object up to fifty times a second, one at a time, for as long as the first lists everything, forty at a time. */
export async function run(
  plane: ControlPlane,
  tokens: { readonly runaway: string; readonly app: string },
  seconds: number,
  floods = true,
): Promise<Run> {
  const { url, certificate } = plane
  const both = { url, certificate, seconds }
  const [flood, victim] = await Promise.all([
    floods
      ? client({
          ...both,
          token: tokens.runaway,
          path: '/api/v1/configmaps',
          agent: 'reporter/1.0',
          inFlight: 40,
          everyMs: 0,
        })
      : undefined,
    client({
      ...both,
      token: tokens.app,
      path: '/api/v1/namespaces/b/configmaps/c-7',
      agent: 'app/1.0',
      inFlight: 1,
      everyMs: VICTIM_MS,
    }),
  ])
  return { flood, victim }
}
