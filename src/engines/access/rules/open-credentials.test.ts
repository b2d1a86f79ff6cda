import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FOREIGN, MASTER, OTHERS, OURS, PLAIN, SERVER } from '../../../cluster/credentials/testing.ts'
import type { Judged } from '../../../loop.testing.ts'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, rule } from '../testing.ts'

const b64 = (text: string): string => Buffer.from(text).toString('base64')
const jwt = (claims: object): string =>
  `${[{ alg: 'RS256' }, claims].map((each) => Buffer.from(JSON.stringify(each)).toString('base64url')).join('.')}.c2lnbmF0dXJl`
const token = (more: object = {}): string =>
  jwt({
    aud: ['https://kubernetes.default.svc'],
    iss: 'https://kubernetes.default.svc',
    exp: 4_000_000_000,
    'kubernetes.io': { namespace: 'ops', serviceaccount: { name: 'admin', uid: 'admin-uid' } },
    ...more,
  })
const config = (user: object, { server = 'https://c:6443', authority = OURS } = {}): string =>
  JSON.stringify({
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': b64(authority) } }],
    users: [{ name: 'u', user }],
  })
const certified = (pem: string) => ({ 'client-certificate-data': b64(pem), 'client-key-data': b64('SECRET-KEY') })
const KEY = '-----BEGIN PRIVATE KEY-----\nU0VDUkVULUtFWQ==\n-----END PRIVATE KEY-----\n'

const map = (name: string, data: Readonly<Record<string, string>>, namespace = 'ops'): string =>
  `\n---\n${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data })}`
const CLIENTS = map('extension-apiserver-authentication', { 'client-ca-file': OURS }, 'kube-system')
const SERVERS = map('kube-root-ca.crt', { 'ca.crt': OURS }, 'app')
const READS = grant([rule('get', 'configmaps')], { at: 'ops' })
/** The administrator's account with its uid, in place of the one without. */
const WITH_UID =
  '\n---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: admin, namespace: ops, uid: admin-uid}}'
const JANE = grant([rule('get', 'secrets')], { name: 'readers', to: '{kind: Group, name: readers}' })
const SECRET = '\n---\n{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: ops}}'

const judged = (more: string, options: Parameters<typeof cluster>[1] = {}): Judged => cluster(more, options)
/** The truths of what is drawn from the ConfigMap `c`, by where it leads. */
const led = (judgement: Judged, from = 'ConfigMap/ops/c'): Readonly<Record<string, string>> =>
  Object.fromEntries(
    judgement.analysis.edges
      .filter((edge) => edge.kind === 'open-credential' && edge.from === from)
      .map(({ to, truth }) => [to, truth]),
  )
const MASTERS = 'Group//system:masters'
const ANYBODY = 'Scope/*/identities'

describe('a client certificate in a ConfigMap', () => {
  const of = (data: Readonly<Record<string, string>>, more = CLIENTS): Readonly<Record<string, string>> =>
    led(judged(READS + map('c', data) + more))
  test('of a kubeconfig: whoever reads it is its user and groups', () => {
    assert.deepEqual(of({ kc: config(certified(MASTER)) }), { [MASTERS]: 'yes' })
    const whole = judged(READS + map('c', { kc: config(certified(MASTER)) }) + CLIENTS)
    assert.ok(whole.controls(ATTACKER, CONTROL_PLANE))
    assert.ok(!judged(map('c', { kc: config(certified(MASTER)) }) + CLIENTS).controls(ATTACKER, CONTROL_PLANE))
    const readers = judged(READS + map('c', { kc: config(certified(PLAIN)) }) + CLIENTS + JANE + SECRET)
    assert.ok(readers.controls(ATTACKER, 'Secret/ops/db'))
    assert.deepEqual(led(readers), { 'Group//readers': 'yes' })
    // Who is not bound gains nothing.
    assert.deepEqual(of({ kc: config(certified(PLAIN)) }), {})
  })
  test('lying bare, with a key beside it', () => {
    assert.deepEqual(of({ 'tls.crt': MASTER, 'tls.key': KEY }), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ pem: MASTER + KEY }), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ 'tls.crt': MASTER }), {})
    assert.deepEqual(of({ 'a.crt': MASTER, 'a.key': KEY, 'b.key': KEY }), { [MASTERS]: 'unknown' })
    assert.deepEqual(of({ 'ca-bundle.crt': MASTER, 'tls.key': KEY }), {})
  })
  test('of another authority, or for servers, is none; where no authority is told, unknown', () => {
    assert.deepEqual(of({ kc: config(certified(FOREIGN)) }), {})
    assert.deepEqual(of({ kc: config(certified(SERVER)) }), {})
    assert.deepEqual(of({ 'tls.crt': SERVER, 'tls.key': KEY }), {})
    assert.deepEqual(of({ kc: config(certified(MASTER)) }, ''), { [MASTERS]: 'unknown' })
    assert.deepEqual(of({ 'tls.crt': MASTER, 'tls.key': KEY }, ''), { [MASTERS]: 'unknown' })
    // The authority of the server tells it as well.
    assert.deepEqual(of({ kc: config(certified(MASTER)) }, SERVERS), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ kc: config(certified(MASTER), { authority: OTHERS }) }, SERVERS), {})
    const inside = { server: 'https://kubernetes.default.svc', authority: OTHERS }
    assert.deepEqual(of({ kc: config(certified(MASTER), inside) }, ''), { [MASTERS]: 'yes' })
  })
  test('ends at its date', () => {
    const at = (asOf: number) => led(judged(READS + map('c', { kc: config(certified(MASTER)) }) + CLIENTS, { asOf }))
    assert.deepEqual(at(Date.parse('2126-01-01')), { [MASTERS]: 'yes' })
    assert.deepEqual(at(Date.parse('2127-01-01')), {})
  })
})

describe('a token of a service account in a ConfigMap', () => {
  const of = (text: string, more = WITH_UID, options: Parameters<typeof cluster>[1] = {}) =>
    led(judged(READS + map('c', { text }) + more, options))
  test('leads to the account: surely, where its uid is that of the account', () => {
    assert.deepEqual(of(`token=${token()}`), { [ADMIN]: 'yes' })
    assert.ok(judged(READS + map('c', { text: token() }) + WITH_UID).controls(ATTACKER, CONTROL_PLANE))
    assert.deepEqual(of(token(), ''), { [ADMIN]: 'unknown' })
    assert.deepEqual(of(config({ token: token() }, { server: 'https://kubernetes.default' }), ''), { [ADMIN]: 'yes' })
  })
  test('not where the account is another by now, is gone, or the token is for somebody else or has ended', () => {
    const own = { namespace: 'ops', serviceaccount: { name: 'admin', uid: 'before' } }
    assert.deepEqual(of(token({ 'kubernetes.io': own })), {})
    const gone = { namespace: 'ops', serviceaccount: { name: 'gone', uid: 'u' } }
    assert.deepEqual(of(token({ 'kubernetes.io': gone }), '', { listed: ['ServiceAccount'] }), {})
    assert.deepEqual(of(token({ aud: ['sts.amazonaws.com'] })), {})
    assert.deepEqual(of(token(), WITH_UID, { asOf: Date.parse('2100-01-01') }), {})
    assert.deepEqual(of(jwt({ iss: 'supabase', role: 'anon' })), {})
  })
  test('ends with the pod that it is bound to', () => {
    const bound = token({
      'kubernetes.io': {
        namespace: 'ops',
        serviceaccount: { name: 'admin', uid: 'admin-uid' },
        pod: { name: 'p', uid: 'pod-uid' },
      },
    })
    const pod = (uid: string): string =>
      `\n---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ops, uid: ${uid}}, spec: {containers: [{name: c, image: x}]}}`
    assert.deepEqual(of(bound, WITH_UID + pod('pod-uid')), { [ADMIN]: 'yes' })
    assert.deepEqual(of(bound, WITH_UID + pod('other')), {})
    assert.deepEqual(of(bound), { [ADMIN]: 'unknown' })
    assert.deepEqual(of(bound, WITH_UID, { listed: ['Pod'] }), {})
  })
})

describe('where it cannot be told whose it is', () => {
  test('the edge is unknown: a plugin, an opaque token, a Secret that is called a kubeconfig', () => {
    for (const user of [{ exec: { command: 'aws' } }, { token: 'opaque' }, { 'auth-provider': { name: 'oidc' } }])
      assert.deepEqual(led(judged(READS + map('c', { kc: config(user) }))), { [ANYBODY]: 'unknown' })
    // Of another cluster it opens nothing here.
    const other = map('c', { kc: config({ token: 'opaque' }, { authority: OTHERS }) })
    assert.deepEqual(led(judged(READS + other + SERVERS)), {})
    const secret = (key: string): string =>
      `\n---\n${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'ops' }, data: { [key]: 'AAAA' } })}`
    for (const key of ['kubeconfig', 'prod.kubeconfig', 'kubeconfig.yaml', 'admin.conf'])
      assert.deepEqual(led(judged(secret(key)), 'Secret/ops/s'), { [ANYBODY]: 'unknown' }, key)
    for (const key of ['config', 'kubeconfigs', 'password'])
      assert.deepEqual(led(judged(secret(key)), 'Secret/ops/s'), {})
  })
})

describe('who holds it', () => {
  const held = map('c', { kc: config(certified(MASTER)) }) + CLIENTS
  test('whoever reads the ConfigMap: by name, by list, in its namespace alone', () => {
    const may = (rules: string, at?: string): boolean =>
      judged(held + grant([rules], at === undefined ? {} : { at })).controls(ATTACKER, CONTROL_PLANE)
    assert.ok(may(rule('get', 'configmaps', '', 'c'), 'ops'))
    assert.ok(may(rule('list', 'configmaps')))
    assert.ok(!may(rule('get', 'configmaps', '', 'other'), 'ops'))
    assert.ok(!may(rule('get', 'configmaps'), 'app'))
    assert.ok(!may(rule('update', 'configmaps'), 'ops'))
  })
  test('no edge where no ConfigMap holds any', () => {
    const { analysis } = judged(READS + map('c', { a: 'b', 'ca.crt': OURS }))
    assert.ok(!analysis.edges.some(({ kind }) => kind === 'read-config' || kind === 'open-credential'))
  })
  test('the workload that mounts it, has it in its environment, or has it written in its manifest', () => {
    const pod = (spec: string, container = ''): string =>
      `\n---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ops}, spec: {automountServiceAccountToken: false, containers: [{name: main, image: x${container}}]${spec}}}`
    const from = (text: string) => led(judged(text), 'Pod/ops/p')
    const volume = ', volumes: [{name: v, configMap: {name: c}}]'
    assert.deepEqual(from(held + pod(volume, ', volumeMounts: [{name: v, mountPath: /k}]')), { [MASTERS]: 'yes' })
    assert.deepEqual(from(held + pod('', ', envFrom: [{configMapRef: {name: c}}]')), { [MASTERS]: 'yes' })
    const key = (name: string): string => `, env: [{name: K, valueFrom: {configMapKeyRef: {name: c, key: ${name}}}}]`
    assert.deepEqual(from(held + pod('', key('kc'))), { [MASTERS]: 'yes' })
    const two = map('c', { kc: config(certified(MASTER)), other: 'x' }) + CLIENTS
    assert.deepEqual(from(two + pod('', key('kc'))), { [MASTERS]: 'yes' })
    assert.deepEqual(from(two + pod('', key('other'))), {})
    const items = (name: string): string =>
      `, volumes: [{name: v, configMap: {name: c, items: [{key: ${name}, path: f}]}}]`
    const mounted = ', volumeMounts: [{name: v, mountPath: /k}]'
    assert.deepEqual(from(two + pod(items('kc'), mounted)), { [MASTERS]: 'yes' })
    assert.deepEqual(from(two + pod(items('other'), mounted)), {})
    assert.deepEqual(from(two + pod(volume, ', volumeMounts: [{name: v, mountPath: /k, subPath: other}]')), {})
    // A volume that nothing mounts is nobody's.
    assert.deepEqual(from(held + pod(volume)), {})
    assert.deepEqual(from(WITH_UID + pod('', `, env: [{name: T, value: ${token()}}]`)), { [ADMIN]: 'yes' })
    assert.deepEqual(from(WITH_UID + pod('', `, args: ["--token=${token()}"]`)), { [ADMIN]: 'yes' })
  })
  test('new pods of the namespace may mount it', () => {
    const makes = (at: string): boolean =>
      judged(
        map('c', { kc: config(certified(MASTER)) }, 'locked') + CLIENTS + grant([rule('create', 'pods')], { at }),
      ).controls(ATTACKER, CONTROL_PLANE)
    assert.ok(makes('locked'))
  })
  test('no value of it is in the evidence', () => {
    const { analysis } = judged(held + READS + WITH_UID + map('t', { text: token() }))
    const told = JSON.stringify(
      analysis.edges.flatMap(({ rule: id, because }) => [id, ...because.map(({ text, path }) => [text, path])]),
    )
    for (const secret of [b64(MASTER).slice(0, 40), b64('SECRET-KEY'), token().slice(0, 40), 'c2lnbmF0dXJl'])
      assert.ok(!told.includes(secret))
    assert.match(told, /a client certificate of jane in ops, system:masters, until 2126-/)
  })
})
