import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  FOREIGN,
  LEAF,
  LEAF_KEY,
  LEAF_KEY_ENCRYPTED,
  MASTER,
  MIDDLE,
  MIDDLE_KEY,
  OTHERS,
  OURS,
  PLAIN,
  ROOT,
  ROOT_KEY,
  SERVER,
} from '../../../cluster/credentials/testing.ts'
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
  test('lying bare, with its key beside it, signed by authorities that lie with it', () => {
    const clients = map('extension-apiserver-authentication', { 'client-ca-file': OURS + ROOT }, 'kube-system')
    const chain = LEAF + MIDDLE
    assert.deepEqual(of({ 'tls.crt': chain, 'tls.key': LEAF_KEY }, clients), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ pem: chain + LEAF_KEY }, clients), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ pem: MIDDLE + LEAF + LEAF_KEY }, clients), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ kc: config(certified(chain)) }, clients), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ pem: LEAF + LEAF_KEY }, clients), {})
    assert.deepEqual(of({ 'tls.crt': chain }, clients), {})
    assert.deepEqual(of({ 'a.crt': chain, 'a.key': LEAF_KEY, 'b.key': ROOT_KEY }, clients), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ 'a.crt': chain, 'b.key': ROOT_KEY }, clients), {})
    assert.deepEqual(of({ 'a.crt': chain, 'a.key': KEY }, clients), { [MASTERS]: 'unknown' })
    assert.deepEqual(of({ 'a.crt': chain, 'a.key': LEAF_KEY_ENCRYPTED }, clients), { [MASTERS]: 'unknown' })
    assert.deepEqual(of({ 'ca-bundle.crt': MASTER, 'tls.key': KEY }), {})
  })
  test('however it is written: with CRLF, escaped in JSON, in base64, as binary data', () => {
    const clients = map('extension-apiserver-authentication', { 'client-ca-file': OURS + ROOT }, 'kube-system')
    const pem = LEAF + MIDDLE + LEAF_KEY
    for (const text of [pem.replaceAll('\n', '\r\n'), JSON.stringify({ pem }), b64(pem)])
      assert.deepEqual(of({ text }, clients), { [MASTERS]: 'yes' })
    const kubeconfig = config(certified(MASTER))
    assert.deepEqual(of({ KUBECONFIG: b64(kubeconfig) }), { [MASTERS]: 'yes' })
    assert.deepEqual(of({ kc: kubeconfig.replaceAll('"users"', "'users'") }), { [MASTERS]: 'yes' })
    const binary = map('c', {}).replace('"data":{}', `"binaryData":${JSON.stringify({ kc: b64(kubeconfig) })}`)
    assert.deepEqual(led(judged(READS + binary + CLIENTS)), { [MASTERS]: 'yes' })
    const script = `cat > kubeconfig <<E\nclusters:\n- cluster: {server: x}\nusers:\n- user:\n    client-key-data: ${b64(LEAF_KEY)}\nE\n`
    assert.deepEqual(of({ script }), { [ANYBODY]: 'unknown' })
  })
  test('the key of an authority makes certificates of anybody', () => {
    const clients = map('extension-apiserver-authentication', { 'client-ca-file': ROOT }, 'kube-system')
    const servers = map('kube-root-ca.crt', { 'ca.crt': ROOT }, 'app')
    const own = { 'ca.crt': ROOT, 'ca.key': ROOT_KEY }
    assert.deepEqual(of(own, clients), { [MASTERS]: 'yes', [ANYBODY]: 'yes' })
    assert.deepEqual(of(own, servers), { [ANYBODY]: 'unknown' })
    assert.deepEqual(of(own, ''), {})
    assert.deepEqual(of(own), {})
    assert.deepEqual(of({ 'ca.crt': ROOT, 'tls.key': LEAF_KEY }, clients), {})
    const below = { 'ca.crt': MIDDLE, 'ca.key': MIDDLE_KEY }
    assert.deepEqual(of(below, clients), { [MASTERS]: 'yes', [ANYBODY]: 'yes' })
    assert.deepEqual(of(below), {})
  })
  test('of another authority, or for servers, is none; where no authority is told, unknown', () => {
    assert.deepEqual(of({ kc: config(certified(FOREIGN)) }), {})
    assert.deepEqual(of({ kc: config(certified(SERVER)) }), {})
    assert.deepEqual(of({ 'tls.crt': SERVER, 'tls.key': KEY }), {})
    assert.deepEqual(of({ kc: config(certified(MASTER)) }, ''), { [MASTERS]: 'unknown' })
    assert.deepEqual(of({ 'tls.crt': LEAF, 'tls.key': LEAF_KEY }, ''), { [MASTERS]: 'unknown' })
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
  test('waits for its first day, and is told until then', () => {
    const text = READS + map('c', { kc: config(certified(MASTER)) }) + CLIENTS
    const at = (asOf?: number) => judged(text, asOf === undefined ? {} : { asOf })
    const waiting = (judgement: Judged) =>
      judgement.analysis
        .unknowns()
        .flatMap(({ id, count, message }) => (id === 'credentials-not-begun' ? [[count, message]] : []))
    const before = at(Date.parse('2026-11-22T06:17:07Z'))
    assert.deepEqual(led(before), {})
    assert.ok(!before.controls(ATTACKER, CONTROL_PLANE))
    assert.match(
      String(waiting(before)[0]),
      /^1,credentials .* not valid before a later day, the first before 2026-11-22 06:17 UTC;/,
    )
    for (const then of [at(Date.parse('2026-11-22T06:17:08Z')), at()]) {
      assert.deepEqual(led(then), { [MASTERS]: 'yes' })
      assert.deepEqual(waiting(then), [])
    }
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
    for (const aud of [
      ['sts.amazonaws.com'],
      'sts.amazonaws.com',
      ['api://AzureADTokenExchange'],
      ['p.svc.id.goog', 'vault'],
    ])
      assert.deepEqual(of(token({ aud })), {})
    assert.deepEqual(of(token({ aud: ['c.hcp.westeurope.azmk8s.io'] })), { [ADMIN]: 'unknown' })
    assert.deepEqual(of(token({ aud: ['vault', 'https://kubernetes.default.svc'] })), { [ADMIN]: 'yes' })
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
  test('ends with the node that it is bound to; of an old one, with the mark on its Secret', () => {
    const account = { namespace: 'ops', serviceaccount: { name: 'admin', uid: 'admin-uid' } }
    const bound = token({ 'kubernetes.io': { ...account, node: { name: 'n9', uid: 'node-uid' } } })
    const node = (uid: string): string => `\n---\n{apiVersion: v1, kind: Node, metadata: {name: n9, uid: ${uid}}}`
    assert.deepEqual(of(bound, WITH_UID + node('node-uid')), { [ADMIN]: 'yes' })
    assert.deepEqual(of(bound, WITH_UID + node('other')), {})
    const old = jwt({
      'kubernetes.io/serviceaccount/namespace': 'ops',
      'kubernetes.io/serviceaccount/service-account.name': 'admin',
      'kubernetes.io/serviceaccount/service-account.uid': 'admin-uid',
      'kubernetes.io/serviceaccount/secret.name': 's',
    })
    const secret = (labels: string): string =>
      `\n---\n{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: ops, labels: {${labels}}}}`
    assert.deepEqual(of(old, WITH_UID + secret('')), { [ADMIN]: 'yes' })
    assert.deepEqual(of(old, WITH_UID + secret('kubernetes.io/legacy-token-invalid-since: "2026-01-01"')), {})
  })
})

describe('where it cannot be told whose it is', () => {
  test('the edge is unknown: a plugin with a secret of its own, an opaque token, a Secret that is called a kubeconfig', () => {
    for (const user of [
      { exec: { command: 'kubelogin', args: ['get-token', '--client-secret', 'hidden-1'] } },
      { exec: { command: 'aws', env: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'hidden-1' }] } },
      { token: 'opaque' },
      { 'auth-provider': { name: 'oidc', config: { 'refresh-token': 'hidden-1' } } },
    ]) {
      const judgement = judged(READS + map('c', { kc: config(user) }))
      assert.deepEqual(led(judgement), { [ANYBODY]: 'unknown' })
      const told = judgement.analysis.edges.map(({ rule: id, because }) => [id, because.map(({ text }) => text)])
      assert.ok(!JSON.stringify(told).includes('hidden-1'))
    }
    // A plugin that asks as whoever runs it, and what stands for a value.
    for (const user of [
      {
        exec: {
          command: 'aws',
          args: ['eks', 'get-token', '--cluster-name', 'c'],
          env: [{ name: 'AWS_PROFILE', value: 'p' }],
        },
      },
      { exec: { command: 'gke-gcloud-auth-plugin', provideClusterInfo: true } },
      { exec: { command: 'kubelogin', args: ['get-token', '--client-secret=$(SECRET)', '--token-file', '/t'] } },
      { 'auth-provider': { name: 'oidc' } },
      { token: 'REDACTED' },
      { token: '{{ .Token }}' },
      { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' },
    ])
      assert.deepEqual(led(judged(READS + map('c', { kc: config(user) }))), {}, JSON.stringify(user))
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
    const kept = JSON.stringify({ kc: b64(config(certified(MASTER))) })
    const binary = map('c', {}).replace('"data":{}', `"binaryData":${kept}`) + CLIENTS
    assert.deepEqual(from(binary + pod(volume, mounted)), { [MASTERS]: 'yes' })
    assert.deepEqual(from(binary + pod('', ', envFrom: [{configMapRef: {name: c}}]')), {})
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
