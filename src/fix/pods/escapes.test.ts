import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Fix, Proposer } from '../fix.ts'
import { capabilitiesDrop } from './capabilities-drop.ts'
import { hostAccessOff } from './host-access-off.ts'
import { hostPathOff } from './host-path-off.ts'
import { hostPathReadOnly } from './host-path-read-only.ts'
import { privilegedOff } from './privileged-off.ts'
import { secureContext } from './secure-context.ts'
import { type Case, caseOf } from './testing.ts'
import { unprivileged } from './unprivileged.ts'

const WORKLOAD = 'Deployment/shop/web'

/** A Deployment `web` whose container is `c`, from what its pod spec and its container say. */
function deployment(pod: string, container = ''): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
${indented(pod, 6)}
      containers:
        - name: c
          image: web
${indented(container, 10)}
`
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ' '.repeat(by) + line)
    .join('\n')
}

function kindsTo(each: Case, least = 0): readonly string[] {
  const kinds = each.steps(WORKLOAD, least).filter((step) => !/^(stops|sends|token|holds)/.test(step))
  return [...new Set(kinds.map((step) => step.split(' ')[0] as string))]
}

/** The only fix that is proposed, after which it is not proposed again. */
function only(before: Case, proposer: Proposer): { readonly fix: Fix; readonly after: Case } {
  const fixes = before.propose(proposer)
  assert.equal(fixes.length, 1, fixes.map(({ title }) => title).join('; '))
  const fix = fixes[0] as Fix
  const after = before.after(fix)
  assert.ok(!after.propose(proposer).some(({ id }) => id === fix.id))
  for (const step of after.steps(WORKLOAD)) assert.ok(before.steps(WORKLOAD).includes(step), `adds ${step}`)
  return { fix, after }
}

const bodyOf = (each: Case): string => JSON.stringify(each.context.cluster.get(WORKLOAD)?.body)

const ROOT = 'volumes: [{name: root, hostPath: {path: /}}]'
const MOUNTED = 'volumeMounts: [{name: root, mountPath: /host}]'

describe('one thing taken away', () => {
  test('privileged', () => {
    const before = caseOf(deployment('', 'securityContext: {privileged: true, readOnlyRootFilesystem: true}'))
    assert.deepEqual(kindsTo(before), ['privileged'])
    const { fix, after } = only(before, privilegedOff)
    assert.equal(fix.title, 'Run shop/web without privileged mode')
    assert.deepEqual(kindsTo(after), [])
    assert.deepEqual(before.propose(unprivileged), [], 'one fix for one thing')
  })

  test('HostProcess of Windows, on the pod and on a container', () => {
    const before = caseOf(
      deployment(
        'os: {name: windows}\nhostNetwork: true\nsecurityContext: {windowsOptions: {hostProcess: true}}',
        'securityContext: {windowsOptions: {hostProcess: true}}',
      ),
    )
    const { after } = only(before, privilegedOff)
    assert.deepEqual(kindsTo(after), ['host-network'])
    // The API server takes no HostProcess container that is off its node's network.
    assert.deepEqual(before.propose(hostAccessOff), [])
    assert.deepEqual(before.propose(secureContext), [])
    assert.deepEqual(kindsTo(only(before, unprivileged).after), [])
  })

  test('each namespace of the node, by a fix of its own', () => {
    const before = caseOf(deployment('hostPID: true\nhostIPC: true\nhostNetwork: true', 'ports: [{containerPort: 80}]'))
    assert.deepEqual(kindsTo(before), ['host-ipc', 'host-network', 'host-pid'])
    const left = before.propose(hostAccessOff).map((fix) => kindsTo(before.after(fix)))
    assert.deepEqual(left, [
      ['host-network', 'host-pid'],
      ['host-ipc', 'host-pid'],
      ['host-ipc', 'host-network'],
    ])
  })

  test('hostPort', () => {
    const before = caseOf(deployment('', 'ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81}]'))
    const { fix, after } = only(before, hostAccessOff)
    assert.match(fix.id, /^host-port-off-/)
    const entries = (each: Case) => each.context.edges.filter(({ kind }) => kind === 'exposed-host-port').length
    assert.deepEqual([entries(before), entries(after)], [1, 0])
  })

  test('added capabilities that reach the node, and no others', () => {
    const before = caseOf(
      deployment(
        '',
        'securityContext: {capabilities: {add: [1, CAP_SYS_ADMIN, NET_BIND_SERVICE, sys_module, CHOWN, BPF]}}',
      ),
    )
    const { fix, after } = only(before, capabilitiesDrop)
    assert.deepEqual(kindsTo(after), [])
    assert.match(bodyOf(after), /"add":\[1,"NET_BIND_SERVICE","CHOWN"\]/)
    assert.equal(fix.title, 'Run shop/web without the capabilities BPF, SYS_ADMIN, SYS_MODULE')
  })

  test('every capability, with some dropped by name', () => {
    const before = caseOf(deployment('', 'securityContext: {capabilities: {add: [ALL], drop: [SYS_ADMIN]}}'))
    assert.deepEqual(kindsTo(only(before, capabilitiesDrop).after), [])
  })

  test('a hostPath volume with its mounts, by its name', () => {
    const before = caseOf(
      deployment(
        'volumes: [{name: data, emptyDir: {}}, {name: etc, hostPath: {path: /etc}}, {name: zone, hostPath: {path: /usr/share/zoneinfo}}, {name: run, hostPath: {path: /run}}]',
        'volumeMounts: [{name: etc, mountPath: /a}, {name: data, mountPath: /b}, {name: etc, mountPath: /c, subPath: ssh}, {name: run, mountPath: /d}, {name: zone, mountPath: /e}]',
      ),
    )
    const fixes = before.propose(hostPathOff)
    assert.deepEqual(
      fixes.map(({ title }) => title),
      ['Run shop/web without the node’s /etc', 'Run shop/web without the node’s /run'],
    )
    const after = before.after(fixes[0] as Fix)
    assert.deepEqual(kindsTo(after, 1), ['host-path-write', 'runtime-socket'])
    assert.equal(after.propose(hostPathOff).length, 1)
    assert.deepEqual(kindsTo(after.after(after.propose(hostPathOff)[0] as Fix)), [])
    // Two volumes are two things to take.
    assert.deepEqual(kindsTo(only(before, unprivileged).after), [])
  })

  test('writing through a mount, while reading goes on', () => {
    const before = caseOf(deployment(ROOT, MOUNTED))
    const { after } = only(before, hostPathReadOnly)
    assert.ok(!kindsTo(after).includes('host-path-write'))
    assert.ok(kindsTo(after).includes('host-path-identity'))
  })

  test('root, where only root can take the step', () => {
    const before = caseOf(
      deployment(
        `${ROOT}\nsecurityContext: {runAsUser: 0}`,
        `${MOUNTED}\nsecurityContext: {privileged: true, runAsNonRoot: false, capabilities: {add: [SYS_ADMIN, NET_BIND_SERVICE], drop: [KILL]}}`,
      ),
    )
    const { after } = only(before, secureContext)
    assert.deepEqual(kindsTo(after, 1), [])
    const text = bodyOf(after)
    assert.ok(text.includes('"capabilities":{"add":["NET_BIND_SERVICE"],"drop":["KILL","ALL"]}'), text)
    assert.ok(text.includes('"seccompProfile":{"type":"RuntimeDefault"}'), text)
    assert.ok(!text.includes('runAsUser') && !text.includes('"privileged"'), text)
  })
})

describe('all at once', () => {
  test('capabilities that privileged mode hid do not come to light', () => {
    const before = caseOf(
      deployment('', 'securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN, CHOWN]}}'),
    )
    assert.deepEqual(kindsTo(before), ['privileged'])
    assert.deepEqual(kindsTo(only(before, unprivileged).after), [])
  })

  test('an unmasked /proc, which has no other fix', () => {
    const before = caseOf(deployment('', 'securityContext: {procMount: Unmasked}'))
    assert.deepEqual(kindsTo(only(before, unprivileged).after), [])
  })

  test('containers of every role', () => {
    const before = caseOf(
      deployment(
        `${ROOT}
hostPID: true
initContainers:
  - {name: i, image: i, volumeMounts: [{name: root, mountPath: /h}], securityContext: {privileged: true}}
  - {name: s, image: s, restartPolicy: Always, securityContext: {capabilities: {add: [ALL]}}}`,
        MOUNTED,
      ),
    )
    assert.deepEqual(kindsTo(only(before, unprivileged).after), [])
  })

  test('nothing of what is harmless', () => {
    const plain = caseOf(
      deployment('volumes: [{name: zone, hostPath: {path: /usr/share/zoneinfo}}]', 'ports: [{containerPort: 80}]'),
    )
    for (const proposer of [
      privilegedOff,
      hostAccessOff,
      hostPathOff,
      hostPathReadOnly,
      capabilitiesDrop,
      secureContext,
      unprivileged,
    ])
      assert.deepEqual(plain.propose(proposer), [])
  })
})

describe('objects that are not the template', () => {
  const POD = `
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-1
  namespace: shop
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]
spec:
  template:
    spec:
      hostPID: true
      containers: [{name: c, image: web, securityContext: {privileged: true}}]
---
apiVersion: v1
kind: Pod
metadata:
  name: web-1-x
  namespace: shop
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u, controller: true}]
spec:
  nodeName: n1
  hostPID: true
  containers:
    - {name: added, image: sidecar, securityContext: {privileged: true}}
    - {name: c, image: web, securityContext: {privileged: true}}
status: {phase: Running}
`
  const TEMPLATE = deployment('hostPID: true', 'securityContext: {privileged: true}')

  test('follow it, and what admission adds to a pod stays', () => {
    const before = caseOf(TEMPLATE + POD)
    const { fix, after } = only(before, unprivileged)
    assert.deepEqual(
      fix.changes.map((change) => [change.object.id, 'derived' in change]),
      [
        [WORKLOAD, false],
        ['Pod/shop/web-1-x', true],
        ['ReplicaSet/shop/web-1', true],
      ],
    )
    assert.deepEqual(
      after.context.edges
        .filter(({ kind, from }) => from === WORKLOAD && kind === 'privileged')
        .map(({ rule }) => rule),
      ['added'],
    )
    assert.deepEqual(after.propose(unprivileged), [])
    assert.deepEqual(after.propose(privilegedOff), [], 'nobody can edit what admission adds')
  })

  test('alone are nothing to edit', () => {
    assert.deepEqual(caseOf(POD).propose(privilegedOff), [])
    assert.deepEqual(caseOf(POD.slice(POD.lastIndexOf('---'))).propose(privilegedOff), [])
  })

  test('mirror pods stand for files of their node', () => {
    const mirror = `
apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}}
spec: {hostPID: true, nodeName: n1, containers: [{name: c, image: c, securityContext: {privileged: true}}]}
status: {phase: Running}
`
    assert.deepEqual(caseOf(mirror).propose(unprivileged), [])
  })

  test('custom resources with a template of their own are edited where it stands', () => {
    const rollout = TEMPLATE.replace('apps/v1', 'argoproj.io/v1alpha1').replace('kind: Deployment', 'kind: Rollout')
    const before = caseOf(rollout)
    const [fix] = before.propose(unprivileged) as [Fix]
    assert.ok(fix.notes.some((note) => note.includes('schema')))
    const left = before
      .after(fix)
      .context.edges.filter(({ from, to }) => from.startsWith('Rollout') && to.startsWith('Node'))
    assert.deepEqual(left, [])
  })

  test('an owner that makes the template is named', () => {
    const owned = TEMPLATE.replace(
      'namespace: shop}',
      'namespace: shop, ownerReferences: [{apiVersion: example.com/v1, kind: Site, name: main, uid: u, controller: true}]}',
    )
    const [fix] = caseOf(owned).propose(unprivileged) as [Fix]
    assert.ok(fix.notes.some((note) => note.includes('made by Site main')))
  })

  test('the templates of an Argo Workflow are put together, and not edited', () => {
    const workflow = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w, namespace: shop}
spec:
  hostPID: true
  templates: [{name: t, container: {image: x, securityContext: {privileged: true}}}]
`
    const before = caseOf(workflow)
    assert.ok(before.context.edges.some(({ kind }) => kind === 'privileged'))
    assert.deepEqual(before.propose(unprivileged), [])
  })
})
