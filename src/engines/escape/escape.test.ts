import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { field, type Json, list, string } from '../../cluster/json.ts'
import type { Edge } from '../engine.ts'
import { cleanPath, HOST_PATHS, hitsOf } from './host-paths.ts'
import { edgesOf } from './testing.ts'

/** Edges that leave a bare Pod with this spec, in a namespace without labels. */
function escapes(
  spec: string,
  { version = 'v1.36', more = '', namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: default}' } = {},
): readonly Edge[] {
  return edgesOf(
    `apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec: ${spec}\n---\n${namespace}\n${more}`,
    version,
  ).filter((edge) => edge.from === 'Pod/default/pod')
}

const toNode = (edges: readonly Edge[]): readonly Edge[] =>
  edges.filter((edge) => edge.to.startsWith('Node/') && edge.chance === 1)
const truths = (edges: readonly Edge[]): string => [...new Set(toNode(edges).map((edge) => edge.truth))].sort().join()
const container = (security: string, more = ''): string =>
  `{containers: [{name: main, image: x, securityContext: ${security}}]${more}}`
const mount = (path: string, options = '', pod = ''): string =>
  `{containers: [{name: main, image: x, volumeMounts: [{name: host, mountPath: /host${options}}]}], volumes: [{name: host, hostPath: {path: "${path}"}}]${pod}}`

describe('steps that control the node', () => {
  const cases: Readonly<Record<string, readonly [spec: string, truth: string]>> = {
    privileged: [container('{privileged: true}'), 'yes'],
    'privileged as another user': [container('{privileged: true, runAsUser: 1000}'), 'unknown'],
    'privileged ephemeral container': [
      '{containers: [{name: main, image: x}], ephemeralContainers: [{name: debug, image: y, securityContext: {privileged: true}}]}',
      'yes',
    ],
    'privileged sidecar': [
      '{containers: [{name: main, image: x}], initContainers: [{name: proxy, image: y, restartPolicy: Always, securityContext: {privileged: true}}]}',
      'yes',
    ],
    'privileged init container, gone when the pod runs': [
      '{containers: [{name: main, image: x}], initContainers: [{name: setup, image: y, securityContext: {privileged: true}}]}',
      'unknown',
    ],
    'every capability': [container('{capabilities: {add: [ALL]}}'), 'yes'],
    'SYS_ADMIN, as the runtime also spells it': [container('{capabilities: {add: [CAP_SYS_ADMIN]}}'), 'yes'],
    SYS_MODULE: [container('{capabilities: {add: [SYS_MODULE]}}'), 'yes'],
    'SYS_PTRACE with hostPID': [container('{capabilities: {add: [SYS_PTRACE]}}', ', hostPID: true'), 'yes'],
    DAC_READ_SEARCH: [container('{capabilities: {add: [DAC_READ_SEARCH]}}'), 'yes'],
    'BPF with PERFMON': [container('{capabilities: {add: [BPF, PERFMON]}}'), 'yes'],
    'BPF alone': [container('{capabilities: {add: [BPF]}}'), 'unknown'],
    'the root of the node': [mount('/'), 'yes'],
    'the root of the node, read-only: sockets below it can be connected to': [mount('/', ', readOnly: true'), 'yes'],
    'docker’s socket': [mount('/var/run/docker.sock'), 'yes'],
    'containerd’s socket under /run, read-only': [mount('/run/containerd/containerd.sock', ', readOnly: true'), 'yes'],
    '/etc/cron.d': [mount('/etc/cron.d'), 'yes'],
    '/etc by a subPath': [mount('/', ', subPath: etc'), 'yes'],
    '/proc': [mount('/proc'), 'yes'],
    'static pods': [mount('/etc/kubernetes/manifests'), 'yes'],
    'the CNI’s programs': [mount('/opt/cni/bin'), 'yes'],
    'a HostProcess container': [
      '{os: {name: windows}, hostNetwork: true, securityContext: {windowsOptions: {hostProcess: true}}, containers: [{name: main, image: x}]}',
      'yes',
    ],
    'unmasked /proc': [container('{procMount: Unmasked}'), 'unknown'],
  }
  for (const [name, [spec, truth]] of Object.entries(cases))
    test(name, () => assert.equal(truths(escapes(spec)), truth))

  test('a PersistentVolume of the node’s own files is a hostPath', () => {
    const more = `---
apiVersion: v1
kind: PersistentVolume
metadata: {name: host}
spec: {hostPath: {path: /etc}, claimRef: {namespace: default, name: data}}`
    const spec =
      '{containers: [{name: main, image: x, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}'
    assert.equal(truths(escapes(spec, { more })), 'yes')
    assert.equal(truths(escapes(spec)), '')
  })
})

describe('no step that controls the node', () => {
  const cases: Readonly<Record<string, string>> = {
    'nothing special': container('{}'),
    hostPID: container('{}', ', hostPID: true'),
    hostNetwork: container('{}', ', hostNetwork: true'),
    hostIPC: container('{}', ', hostIPC: true'),
    'SYS_PTRACE without hostPID': container('{capabilities: {add: [SYS_PTRACE]}}'),
    'capabilities of the default set': container('{capabilities: {add: [MKNOD, NET_RAW, SYS_CHROOT, SETUID, CHOWN]}}'),
    'NET_ADMIN in its own network': container('{capabilities: {add: [NET_ADMIN]}}'),
    'NET_ADMIN with hostNetwork': container('{capabilities: {add: [NET_ADMIN]}}', ', hostNetwork: true'),
    'SYS_ADMIN that its user cannot use': container(
      '{runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}}',
    ),
    'privileged: "true" is no boolean': container('{privileged: "true"}'),
    '/etc read-only': mount('/etc', ', readOnly: true'),
    '/var/lib/kubelet read-only': mount('/var/lib/kubelet', ', readOnly: true'),
    '/dev without privilege': mount('/dev'),
    '/var/log': mount('/var/log'),
    'a folder of its own': mount('/data/app'),
    'a folder whose name begins like one that counts': mount('/etcetera'),
    'a volume that no container mounts':
      '{containers: [{name: main, image: x}], volumes: [{name: host, hostPath: {path: /}}]}',
    'a user that cannot write there': `{securityContext: {runAsUser: 1000}, containers: [{name: main, image: x, securityContext: {allowPrivilegeEscalation: false}, volumeMounts: [{name: host, mountPath: /host}]}], volumes: [{name: host, hostPath: {path: /}}]}`,
    'privileged in a user namespace': container('{privileged: true}', ', hostUsers: false'),
    'SYS_ADMIN in a user namespace': container('{capabilities: {add: [SYS_ADMIN]}}', ', hostUsers: false'),
    'unmasked /proc in a user namespace': container('{procMount: Unmasked}', ', hostUsers: false'),
    'privileged in a sandbox known by its name': container('{privileged: true}', ', runtimeClassName: gvisor'),
    'a runtime’s socket in a sandbox': mount('/run/containerd/containerd.sock', '', ', runtimeClassName: kata-qemu'),
  }
  for (const [name, spec] of Object.entries(cases)) test(name, () => assert.deepEqual(toNode(escapes(spec)), []))

  test('a sandbox is known by its handler, and a class of another handler is none', () => {
    const more = (handler: string): string =>
      `---\napiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: strict}\nhandler: ${handler}`
    const spec = container('{privileged: true}', ', runtimeClassName: strict')
    assert.deepEqual(toNode(escapes(spec, { more: more('runsc') })), [])
    assert.equal(truths(escapes(spec, { more: more('runc') })), 'yes')
  })

  test('a server before 1.33 drops hostUsers', () =>
    assert.equal(truths(escapes(container('{privileged: true}', ', hostUsers: false'), { version: 'v1.32' })), 'yes'))

  test('Pod Security that forbids it, unless the pod runs all the same', () => {
    const namespace =
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {pod-security.kubernetes.io/enforce: baseline}}'
    const spec = container('{privileged: true}')
    assert.deepEqual(toNode(escapes(spec, { namespace })), [])
    assert.equal(truths(escapes(`${spec}\nstatus: {phase: Running}`, { namespace })), 'yes')
    const privileged = namespace.replace('baseline', 'privileged')
    assert.equal(truths(escapes(spec, { namespace: privileged })), 'yes')
  })
})

describe('lesser and other steps', () => {
  const kinds = (edges: readonly Edge[]): readonly string[] =>
    [...new Set(edges.map((edge) => edge.kind))].filter((kind) => kind !== 'stops').sort()

  test('namespaces of the node are named lesser edges', () => {
    assert.deepEqual(kinds(escapes(container('{}', ', hostPID: true, hostIPC: true, hostNetwork: true'))), [
      'host-ipc',
      'host-network',
      'host-pid',
    ])
  })

  test('read-only mounts give credentials', () => {
    const edges = escapes(mount('/var/lib/kubelet', ', readOnly: true'))
    assert.deepEqual(kinds(edges), ['host-path-identity', 'host-path-tokens'])
    assert.ok(edges.some((edge) => edge.chance === 1 && edge.to.startsWith('User//system:node:')))
  })

  test('keys of the control plane are on its nodes only', () => {
    const onControlPlane = mount(
      '/etc/kubernetes',
      ', readOnly: true',
      ', nodeSelector: {node-role.kubernetes.io/control-plane: ""}',
    )
    assert.ok(escapes(onControlPlane).some((edge) => edge.to.startsWith('ControlPlane/') && edge.truth === 'yes'))
    const tolerated = mount('/etc/kubernetes', ', readOnly: true', ', tolerations: [{operator: Exists}]')
    assert.ok(escapes(tolerated).some((edge) => edge.to.startsWith('ControlPlane/') && edge.truth === 'unknown'))
    assert.ok(
      !escapes(mount('/etc/kubernetes', ', readOnly: true')).some((edge) => edge.to.startsWith('ControlPlane/')),
    )
  })

  test('/var/log is a way to any file for an account that reads pods’ logs', () => {
    assert.deepEqual(kinds(escapes(mount('/var/log', '', ', serviceAccountName: reader'))), ['var-log-link'])
    assert.deepEqual(kinds(escapes(mount('/var/log'))), [])
    const tokenless = ', serviceAccountName: reader, automountServiceAccountToken: false'
    assert.deepEqual(kinds(escapes(mount('/var/log', '', tokenless))), [], 'without its token it reads no log')
    const cutOff = edgesOf(
      `apiVersion: v1\nkind: Pod\nmetadata: {name: pod, namespace: cut-off}\nspec: ${mount('/var/log', '', ', serviceAccountName: reader')}`,
    )
    assert.deepEqual(kinds(cutOff.filter((edge) => edge.from === 'Pod/cut-off/pod')), [], 'nor past the network')
    assert.deepEqual(kinds(escapes(mount('/var/log', ', readOnly: true', ', serviceAccountName: reader'))), [])
  })

  test('a node leads to its pods, their Secrets and their tokens; a finished Job to nothing', () => {
    const text = `apiVersion: v1
kind: Node
metadata: {name: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: n1, serviceAccountName: s, automountServiceAccountToken: false, imagePullSecrets: [{name: pull}], containers: [{name: main, image: x}]}
status: {phase: Running}
---
apiVersion: batch/v1
kind: Job
metadata: {name: done}
spec: {template: {spec: {containers: [{name: main, image: x, securityContext: {privileged: true}}]}}}
status: {completionTime: "2026-01-01T00:00:00Z"}`
    const edges = edgesOf(text)
    const from = (id: string, all: readonly Edge[]): string[] =>
      all
        .filter((edge) => edge.from === id)
        .map((edge) => `${edge.kind} ${edge.to} ${edge.truth}`)
        .sort()
    assert.deepEqual(from('Node//n1', edges), ['node-identity User//system:node:n1 yes', 'runs Pod/default/a yes'])
    assert.deepEqual(from('User//system:node:n1', edgesOf(text, 'v1.32')), [
      'node-reads Secret/default/pull yes',
      'node-reads ServiceAccount/default/s yes',
    ])
    // NodeRestriction asks for the audience in the pod's volumes, and this pod mounts no token.
    assert.deepEqual(from('User//system:node:n1', edgesOf(text, 'v1.33')), ['node-reads Secret/default/pull yes'])
    const mounting = edgesOf(text.replace('automountServiceAccountToken: false, ', ''), 'v1.33')
    assert.ok(from('User//system:node:n1', mounting).includes('node-reads ServiceAccount/default/s yes'))
    assert.deepEqual(from('Job/default/done', edges), [])
    assert.ok(!edges.some((edge) => edge.kind === 'holds-secret'), 'a pull secret is not the pod’s')
  })

  test('without nodes, one stands for each set of placement rules, and what shares it is not certain', () => {
    const pod = (name: string, more: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: x, securityContext: {privileged: true}}]${more}}\n---\n`
    const edges = edgesOf(pod('a', '') + pod('b', '') + pod('c', ', nodeSelector: {disk: ssd}'))
    const nodes = new Set(edges.filter((edge) => edge.kind === 'privileged').map((edge) => edge.to))
    assert.equal(nodes.size, 2)
    assert.ok(edges.filter((edge) => edge.kind === 'runs').every((edge) => edge.truth === 'unknown'))
  })
})

test('whatever Pod Security lets through at the baseline level takes no step that controls the node', () => {
  const all = JSON.parse(
    readFileSync(new URL('../../../oracle/vectors/podsecurity.json', import.meta.url), 'utf8'),
  ) as Json
  let allowed = 0
  for (const item of list(field(all, 'cases'))) {
    const forbidden = list(field(item, 'baseline')).some((span) => field(span, 'until') === 37)
    if (forbidden) continue
    allowed++
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', annotations: field(item, 'annotations') ?? {} },
      spec: field(item, 'spec'),
    })
    assert.deepEqual(
      toNode(edgesOf(text).filter((edge) => edge.from === 'Pod/default/pod')),
      [],
      string(field(item, 'name')),
    )
  }
  assert.ok(allowed > 50)
})

test('a path counts for what it is, what is below it and, for trees, what is above', () => {
  fc.assert(
    fc.property(fc.constantFrom(...HOST_PATHS), fc.constantFrom('', '/', '/.', '//', '/x/..'), (fact, suffix) => {
      assert.ok(hitsOf(fact.path + suffix).some((hit) => hit.fact === fact))
      const parent = cleanPath(`${fact.path}/..`)
      assert.ok(hitsOf(parent).some((hit) => hit.fact === fact))
      assert.equal(
        hitsOf(`${fact.path}/inside`).some((hit) => hit.fact === fact),
        fact.tree === true,
      )
    }),
  )
  assert.equal(cleanPath('/var/run/docker.sock'), '/run/docker.sock')
  assert.equal(cleanPath('../../etc'), '/etc')
})
