import { analyseText, type Judged } from '../../loop.testing.ts'
import type { Options } from '../../loop.ts'

/** For tests: a cluster in which `attacker` has what it is granted, and an administrator has its account in `ops`. */

export const ATTACKER = 'ServiceAccount/app/attacker'
export const ADMIN = 'ServiceAccount/ops/admin'
export const CONTROL_PLANE = 'ControlPlane//control-plane'
export const NODE = 'Node//worker-1'

const CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: {name: app}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops}
---
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: locked, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: Node
metadata: {name: worker-1}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: attacker, namespace: app}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: admin, namespace: ops}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ops-admin}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: admin, namespace: ops}]
`

export const RBAC = 'rbac.authorization.k8s.io'

export function rule(verbs: string, resources: string, group = '', names?: string): string {
  const only = names === undefined ? '' : `, resourceNames: [${names}]`
  return `{verbs: [${verbs}], apiGroups: ["${group}"], resources: [${resources}]${only}}`
}

/** Rights of the attacker (or of `to`), everywhere or in one namespace; `name` tells several apart. */
export function grant(
  rules: readonly string[],
  { at, name = 'granted', to = '{kind: ServiceAccount, name: attacker, namespace: app}' }: Grant = {},
): string {
  return `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: [${rules.join(', ')}]
${bind(`kind: ClusterRole, name: ${name}`, { name, to, ...(at === undefined ? {} : { at }) })}`
}

export interface Grant {
  readonly at?: string
  readonly name?: string
  readonly to?: string
}

export function bind(role: string, { at, name = 'bound', to }: Grant): string {
  return `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${at === undefined ? 'ClusterRoleBinding' : 'RoleBinding'}
metadata: {name: ${name}${at === undefined ? '' : `, namespace: ${at}`}}
roleRef: {${role}}
subjects: [${to}]`
}

/** A workload of one container that mounts no token unless its spec says so. */
export function workload(kind: string, name: string, { spec = '', more = '', namespace = 'ops' }: Shape = {}): string {
  const pod = `{automountServiceAccountToken: false, containers: [{name: main, image: x}]${spec}}`
  const template = `selector: {matchLabels: {a: ${name}}}, template: {metadata: {labels: {a: ${name}}}, spec: ${pod}}`
  return `
---
apiVersion: ${kind === 'Pod' ? 'v1' : 'apps/v1'}
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${kind === 'Pod' ? pod : `{${template}${more}}`}`
}

export interface Shape {
  /** Appended to the pod's spec: `, hostUsers: false`. */
  readonly spec?: string
  /** Appended to the workload's own spec: `, replicas: 3`. */
  readonly more?: string
  readonly namespace?: string
}

export function cluster(more: string, options: Options & { readonly listed?: readonly string[] } = {}): Judged {
  return analyseText(`${CLUSTER}${more}`, options)
}
