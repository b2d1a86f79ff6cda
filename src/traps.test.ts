import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { runChecks } from './checks.ts'
import { readCatalogue } from './observe/catalogue.ts'
import { readInputs } from './observe/files/read.ts'

/**
 * Manifests on which checkers of workloads are known to err, written from the mistakes of three of them: false alarms
 * first, then what they miss, then what some see.
 */
interface Trap {
  readonly what: string
  readonly yaml: string
  /** Checks that must fail, with the name of the object. */
  readonly fails?: readonly (readonly [check: string, name: string])[]
  /** Checks that must not fail for it. */
  readonly fine?: readonly (readonly [check: string, name: string])[]
}

const pod = (container: string, spec = ''): string => `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec:
${spec}  containers:
  - name: web
    image: registry.example/web:1.0
${container}`
const policy = (spec: string, namespace = 'shop'): string => `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: policy, namespace: ${namespace}}
spec: ${spec}
`
const role = (rule: string, name = 'trap'): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "${name}"}
rules: [${rule}]
`
const BOTH =
  'policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}], egress: [{to: [{podSelector: {}}]}]'

const TRAPS: readonly Trap[] = [
  {
    what: 'a NetworkPolicy that selects every pod by {}',
    yaml: pod('') + policy(`{podSelector: {}, ${BOTH}}`),
    fine: [['network-policy-missing', 'web']],
  },
  {
    what: 'a NetworkPolicy that selects by matchExpressions',
    yaml:
      pod('') + policy(`{podSelector: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}, ${BOTH}}`),
    fine: [['network-policy-missing', 'web']],
  },
  {
    what: 'a NetworkPolicy that selects by two labels',
    yaml: pod('') + policy(`{podSelector: {matchLabels: {app: web, tier: front}}, ${BOTH}}`),
    fine: [['network-policy-missing', 'web']],
  },
  {
    what: 'a NetworkPolicy that denies by default, without a rule',
    yaml: pod('') + policy('{podSelector: {}, policyTypes: [Ingress, Egress]}'),
    fine: [['network-policy-missing', 'web']],
  },
  {
    what: 'TOKENIZER_THREADS, whose name holds the word token',
    yaml: pod('    env: [{name: TOKENIZER_THREADS, value: "4"}]\n'),
    fine: [['secret-in-env', 'web']],
  },
  {
    what: 'uid 0 in a user namespace',
    yaml: pod('    securityContext: {runAsUser: 0}\n', '  hostUsers: false\n'),
    fine: [['may-run-as-root', 'web']],
  },
  {
    what: 'a registry’s port taken for a tag',
    yaml: pod('').replace('registry.example/web:1.0', 'host:5000/app'),
    fails: [['image-tag-missing', 'web']],
  },
  {
    what: 'SYS_PTRACE added',
    yaml: pod('    securityContext: {capabilities: {add: [SYS_PTRACE]}}\n'),
    fails: [
      ['escape-capabilities', 'web'],
      ['capabilities-baseline', 'web'],
    ],
  },
  {
    what: 'SYS_MODULE added',
    yaml: pod('    securityContext: {capabilities: {add: [SYS_MODULE]}}\n'),
    fails: [
      ['escape-capabilities', 'web'],
      ['capabilities-baseline', 'web'],
    ],
  },
  {
    what: 'CAP_SYS_ADMIN added, with the prefix that runtimes take',
    yaml: pod('    securityContext: {capabilities: {add: [CAP_SYS_ADMIN]}}\n'),
    fails: [['dangerous-capabilities', 'web']],
  },
  {
    what: 'seccomp Unconfined where a capability is dropped',
    yaml: pod('    securityContext: {seccompProfile: {type: Unconfined}, capabilities: {drop: [ALL]}}\n'),
    fails: [['seccomp-unconfined', 'web']],
  },
  {
    what: 'AppArmor Unconfined where a capability is dropped',
    yaml: pod('    securityContext: {appArmorProfile: {type: Unconfined}, capabilities: {drop: [ALL]}}\n'),
    fails: [['app-armor', 'web']],
  },
  {
    what: 'procMount of an init container',
    yaml: pod(
      '',
      '  initContainers: [{name: setup, image: "r.example/s:1", securityContext: {procMount: Unmasked}}]\n',
    ),
    fails: [['proc-mount', 'web']],
  },
  {
    what: 'a sidecar among the init containers without resources',
    yaml: pod(
      '    resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}\n',
      '  initContainers: [{name: mesh, image: "r.example/s:1", restartPolicy: Always}]\n',
    ),
    fails: [
      ['cpu-limit-missing', 'web'],
      ['memory-limit-missing', 'web'],
      ['cpu-request-missing', 'web'],
      ['memory-request-missing', 'web'],
    ],
  },
  {
    what: 'runAsUser 0 beside runAsNonRoot true',
    yaml: pod('    securityContext: {runAsUser: 0, runAsNonRoot: true}\n'),
    fails: [['run-as-user-zero', 'web']],
  },
  {
    what: 'a key of a payment service as a literal',
    yaml: pod('    env: [{name: STRIPE_API_KEY, value: sk_live_4eC39HqLyjWDarjtT1zdp7dc}]\n'),
    fails: [['secret-in-env', 'web']],
  },
  {
    what: 'a password inside a URL',
    yaml: pod('    env: [{name: DATABASE_URL, value: "postgres://shop:s3cr3t@db:5432/shop"}]\n'),
    fails: [['secret-in-env', 'web']],
  },
  {
    what: 'a NetworkPolicy that allows everything',
    yaml: pod('') + policy('{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}'),
    fails: [['network-policy-missing', 'web']],
  },
  {
    what: 'pods/*, whose author means exec',
    yaml: role('{apiGroups: [""], resources: ["pods/*"], verbs: [create]}'),
    fails: [['role-pod-exec', 'trap']],
  },
  {
    what: '*/exec',
    yaml: role('{apiGroups: [""], resources: ["*/exec"], verbs: [create]}'),
    fails: [['role-pod-exec', 'trap']],
  },
  {
    what: 'secrets read by a ClusterRole that nothing binds',
    yaml: role('{apiGroups: [""], resources: [secrets], verbs: [get]}'),
    fails: [['role-reads-secrets', 'trap']],
  },
  {
    what: 'escalate on roles',
    yaml: role('{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [escalate]}'),
    fails: [['role-escalates', 'trap']],
  },
  {
    what: 'bind on roles',
    yaml: role('{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind]}'),
    fails: [['role-escalates', 'trap']],
  },
  {
    what: 'cluster-admin bound under a name that looks like the system’s',
    yaml: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:evil"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: mallory}]
`,
    fails: [['cluster-role-binding-admin', 'system:evil']],
  },
  {
    what: 'a sysctl that is not namespaced',
    yaml: pod('', '  securityContext: {sysctls: [{name: kernel.msgmax, value: "65536"}]}\n'),
    fails: [['sysctls', 'web']],
  },
  {
    what: 'a mount of the host’s root',
    yaml: pod('', '  volumes: [{name: host, hostPath: {path: /}}]\n'),
    fails: [
      ['host-path', 'web'],
      ['sensitive-host-path', 'web'],
    ],
  },
  {
    what: 'a privileged init container',
    yaml: pod('', '  initContainers: [{name: setup, image: "r.example/s:1", securityContext: {privileged: true}}]\n'),
    fails: [['privileged', 'web']],
  },
  {
    what: 'a privileged container of a custom kind',
    yaml: `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web, image: "r.example/w:1", securityContext: {privileged: true}}]}}}
`,
    fails: [['privileged', 'web']],
  },
  {
    what: 'a NetworkPolicy of another namespace',
    yaml: pod('') + policy(`{podSelector: {}, ${BOTH}}`, 'other'),
    fails: [['network-policy-missing', 'web']],
  },
  {
    what: 'a right for everybody, by a role that is not in the input',
    yaml: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: open}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:anonymous"}]
`,
    fails: [['binding-anonymous', 'open']],
    fine: [['cluster-role-binding-pod-exec', 'open']],
  },
]

const { policies: catalogue } = readCatalogue()

describe('traps', () => {
  assert.equal(TRAPS.length, 30)
  for (const [index, { what, yaml, fails = [], fine = [] }] of TRAPS.entries())
    test(`${index + 1}. ${what}`, async () => {
      const input = await readInputs(['-'], { stdin: Readable.from([Buffer.from(yaml)]), keepAll: true })
      assert.deepEqual(input.problems, [])
      const { items } = runChecks(input, { profile: 'all', catalogue, withPasses: true })
      const said = ([check, name]: readonly [string, string]): string | undefined =>
        items.find((item) => item.check.id === check && item.object.name === name)?.result
      for (const each of fails) assert.equal(said(each), 'fail', each.join(' '))
      for (const each of fine) assert.equal(said(each), 'pass', each.join(' '))
    })
})
