import { field, isObject, type Json, type JsonObject, list, string, strings } from './json.ts'
import { parseSelector, type Selector } from './labels.ts'
import { idOf, type KubeObject, labelsOf } from './object.ts'

/** rbac.authorization.k8s.io/v1 as data: what the authorizer and the engines read. */

export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

export interface Role {
  readonly kind: 'Role' | 'ClusterRole'
  /** Empty for a ClusterRole. */
  readonly namespace: string
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly rules: readonly PolicyRule[]
  /** The selectors of `aggregationRule`; undefined when there is none. */
  readonly aggregation: readonly Selector[] | undefined
  /** The default role of this Kubernetes version, not seen in the input. */
  readonly assumed: boolean
  readonly object: KubeObject
}

export type SubjectKind = 'User' | 'Group' | 'ServiceAccount'

export interface Subject {
  readonly kind: SubjectKind
  readonly name: string
  /** Of a ServiceAccount; empty otherwise. */
  readonly namespace: string
}

export interface Binding {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding'
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string
  readonly name: string
  readonly roleKind: string
  readonly roleName: string
  readonly subjects: readonly Subject[]
  readonly assumed: boolean
  readonly object: KubeObject
}

const RBAC = 'rbac.authorization.k8s.io'

export function isRole(object: KubeObject): boolean {
  return object.group === RBAC && (object.kind === 'Role' || object.kind === 'ClusterRole')
}

export function isBinding(object: KubeObject): boolean {
  return object.group === RBAC && (object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding')
}

export function decodeRole(object: KubeObject, assumed = false): Role {
  const known = roles.get(object)
  if (known && known.assumed === assumed) return known
  const role = decodedRole(object, assumed)
  roles.set(object, role)
  return role
}

/** A plan judges clusters that share most of their roles. */
const roles = new WeakMap<KubeObject, Role>()

function decodedRole(object: KubeObject, assumed: boolean): Role {
  const aggregation = field(object.body, 'aggregationRule')
  return {
    kind: object.kind as Role['kind'],
    namespace: object.namespace,
    name: object.name,
    labels: labelsOf(object.body),
    rules: list(field(object.body, 'rules')).map(decodeRule),
    aggregation:
      isObject(aggregation) && object.kind === 'ClusterRole'
        ? list(field(aggregation, 'clusterRoleSelectors')).flatMap(validSelector)
        : undefined,
    assumed,
    object,
  }
}

function validSelector(value: Json): Selector[] {
  const selector = parseSelector(value)
  return selector === undefined || typeof selector === 'string' ? [] : [selector]
}

export function decodeRule(rule: Json): PolicyRule {
  return {
    verbs: strings(field(rule, 'verbs')),
    apiGroups: strings(field(rule, 'apiGroups')),
    resources: strings(field(rule, 'resources')),
    resourceNames: strings(field(rule, 'resourceNames')),
    nonResourceURLs: strings(field(rule, 'nonResourceURLs')),
  }
}

/** A rule as an object holds it, without lists that are empty. */
export function ruleBody({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): JsonObject {
  return {
    ...(apiGroups.length === 0 ? {} : { apiGroups }),
    ...(resources.length === 0 ? {} : { resources }),
    ...(resourceNames.length === 0 ? {} : { resourceNames }),
    ...(nonResourceURLs.length === 0 ? {} : { nonResourceURLs }),
    verbs,
  }
}

export function decodeBinding(object: KubeObject, assumed = false): Binding {
  const roleRef = field(object.body, 'roleRef')
  return {
    kind: object.kind as Binding['kind'],
    namespace: object.namespace,
    name: object.name,
    roleKind: string(field(roleRef, 'kind')) ?? '',
    roleName: string(field(roleRef, 'name')) ?? '',
    subjects: list(field(object.body, 'subjects')).flatMap((item) => decodeSubject(item, object.namespace)),
    assumed,
    object,
  }
}

/**
 * registry/rbac/validation/rule.go appliesTo: kinds other than these match nobody; a ServiceAccount without a namespace
 * takes the binding's, so that in a ClusterRoleBinding it matches nobody.
 */
function decodeSubject(item: Json, bindingNamespace: string): Subject[] {
  const kind = string(field(item, 'kind'))
  const name = string(field(item, 'name'))
  if (name === undefined) return []
  if (kind === 'User' || kind === 'Group') return [{ kind, name, namespace: '' }]
  if (kind !== 'ServiceAccount') return []
  const namespace = string(field(item, 'namespace')) || bindingNamespace
  return namespace === '' ? [] : [{ kind, name, namespace }]
}

const SERVICE_ACCOUNT_USER = /^system:serviceaccount:([^:]+):(.+)$/

/** The id of a subject's node. A user name that names a service account is that service account. */
export function subjectId(subject: Subject): string {
  // The authorizer compares user names, in which a colon in the namespace of a subject reads as the end of it.
  const isPlain = subject.kind === 'ServiceAccount' && !subject.namespace.includes(':')
  if (isPlain) return idOf('ServiceAccount', subject.namespace, subject.name)
  const account = subject.kind === 'Group' ? null : SERVICE_ACCOUNT_USER.exec(userName(subject))
  return account
    ? idOf('ServiceAccount', account[1] as string, account[2] as string)
    : idOf(subject.kind, '', subject.name)
}

function userName({ kind, namespace, name }: Subject): string {
  return kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name
}

/** On a binding: the users and groups that were taken out of it, so that the record of a withdrawn right stays with the file. */
export const REVOKED = 'bulkhead.dev/revoked-subjects'

/** `User/alice,Group/devs`; in names, what would end them is encoded. */
export function revokedText(subjects: readonly Subject[]): string {
  return subjects.map(({ kind, name }) => `${kind}/${encodeURIComponent(name)}`).join(',')
}

/** The users and groups that a binding says it no longer names. */
export function revokedSubjects(object: KubeObject): readonly Subject[] {
  const text = string(field(field(field(object.body, 'metadata'), 'annotations'), REVOKED))
  if (text === undefined) return []
  return text.split(',').flatMap((each): Subject[] => {
    const [kind, name, ...more] = each.trim().split('/')
    if ((kind !== 'User' && kind !== 'Group') || !name || more.length > 0) return []
    try {
      return [{ kind, name: decodeURIComponent(name), namespace: '' }]
    } catch {
      return []
    }
  })
}
