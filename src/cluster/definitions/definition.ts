import { at, boolean, field, isObject, type Json, list, type Path, string } from '../json.ts'
import type { Selector } from '../labels.ts'
import type { KubeObject } from '../object.ts'
import type { SubjectKind } from '../rbac.ts'
import type { Tell } from './problem.ts'
import { decodeNamespaceSelector } from './selector.ts'

/** RBACDefinition of rbac-manager 1.10 (rbacmanager.reactiveops.io/v1beta1, deploy/2_crd.yaml), as data. */
export interface Definition {
  readonly object: KubeObject
  readonly name: string
  /** Only of one that was read from a cluster. */
  readonly uid: string | undefined
  readonly bindings: readonly DefinitionBinding[]
}

/** One of `rbacBindings`. */
export interface DefinitionBinding {
  readonly name: string
  readonly path: Path
  readonly subjects: readonly DefinitionSubject[]
  readonly clusterRoleBindings: readonly { readonly clusterRole: string; readonly path: Path }[]
  readonly roleBindings: readonly DefinitionRoleBinding[]
}

export interface DefinitionSubject {
  readonly kind: SubjectKind
  readonly name: string
  /** As written, of users and groups as well; empty where there is none. */
  readonly namespace: string
  readonly imagePullSecrets: readonly string[]
  readonly automount: boolean | undefined
  readonly path: Path
}

export interface DefinitionRoleBinding {
  readonly roleKind: 'ClusterRole' | 'Role'
  readonly role: string
  /** The field as written, which is part of the name of a binding to a Role even where the selector decides. */
  readonly namespace: string
  /** Undefined: the namespace decides. */
  readonly selector: Selector | undefined
  readonly path: Path
}

export const GROUP = 'rbacmanager.reactiveops.io'
export const VERSION = 'v1beta1'
export const KIND = 'RBACDefinition'

/** A definition, or what was written as one: of an older group, or with other capitals. */
export function isDefinition({ group, kind }: KubeObject): boolean {
  if (kind === KIND) return group === GROUP || group.endsWith('reactiveops.io') || group === 'rbacmanager.io'
  return kind.toLowerCase() === KIND.toLowerCase() && group.endsWith('reactiveops.io')
}

/** Whatever of a definition can be read; what the API server or rbac-manager would refuse is told and left out. */
export function decodeDefinition(object: KubeObject, tell: Tell): Definition {
  const nothing = { object, name: object.name, uid: string(at(object.body, 'metadata', 'uid')), bindings: [] }
  const { body } = object
  if (object.group !== GROUP || object.version !== VERSION || object.kind !== KIND) {
    const written = `${object.group}/${object.version} ${object.kind}`
    tell(
      'not-read',
      'error',
      ['apiVersion'],
      `${written} is not served: rbac-manager reads ${GROUP}/${VERSION} ${KIND}`,
    )
    return nothing
  }
  if (object.name.includes('*')) {
    tell('not-read', 'error', ['metadata', 'generateName'], 'its name, and so those of its bindings, is not known')
    return nothing
  }
  unknownFields(body, ['apiVersion', 'kind', 'metadata', 'rbacBindings', 'status'], [], tell)
  const written = field(body, 'rbacBindings') ?? undefined
  if (!Array.isArray(written)) {
    const under = field(field(body, 'spec'), 'rbacBindings') === undefined ? '' : '; it does not stand under spec'
    tell(
      written === undefined ? 'not-read' : 'invalid',
      'error',
      written === undefined ? [] : ['rbacBindings'],
      `rbacBindings ${written === undefined ? 'is missing' : 'is no list'}: the API server refuses the definition${under}`,
    )
    return nothing
  }
  const bindings = list(written).flatMap((each, index) => decodeBinding(each, ['rbacBindings', index], tell) ?? [])
  return { ...nothing, bindings }
}

const REFUSED = 'the API server refuses the whole definition'

function decodeBinding(value: Json, path: Path, tell: Tell): DefinitionBinding | undefined {
  const name = text(value, 'name', path, tell)
  if (!isObject(value) || name === undefined) {
    tell('invalid', 'error', path, `${isObject(value) ? 'has no name' : 'is no mapping'}: ${REFUSED}`)
    return undefined
  }
  unknownFields(value, ['name', 'subjects', 'clusterRoleBindings', 'roleBindings'], path, tell)
  if (!Array.isArray(field(value, 'subjects'))) {
    tell('invalid', 'error', path, `${JSON.stringify(name)} has no list of subjects: ${REFUSED}`)
    return undefined
  }
  const subjects = items(value, 'subjects', path, tell)
  if (subjects.length === 0)
    tell(
      'no-subjects',
      'note',
      [...path, 'subjects'],
      `${JSON.stringify(name)} has no subjects: its bindings bind nobody`,
    )
  return {
    name,
    path,
    subjects: subjects.flatMap(([each, place]) => decodeSubject(each, place, tell) ?? []),
    clusterRoleBindings: items(value, 'clusterRoleBindings', path, tell).flatMap(([each, place]) => {
      unknownFields(each, ['clusterRole'], place, tell)
      const clusterRole = text(each, 'clusterRole', place, tell)
      if (clusterRole) return [{ clusterRole, path: place }]
      const refused = clusterRole === undefined ? REFUSED : 'the API server refuses the binding'
      tell('no-role', 'error', place, `names no clusterRole: ${refused}`)
      return []
    }),
    roleBindings: items(value, 'roleBindings', path, tell).flatMap(
      ([each, place]) => decodeRoleBinding(each, place, tell) ?? [],
    ),
  }
}

const SUBJECT_KINDS: ReadonlySet<string> = new Set(['User', 'Group', 'ServiceAccount'])

function decodeSubject(value: Json, path: Path, tell: Tell): DefinitionSubject | undefined {
  // The apiGroup follows from the kind; the definition's schema drops it.
  const known = ['kind', 'name', 'namespace', 'imagePullSecrets', 'automountServiceAccountToken', 'apiGroup']
  unknownFields(value, known, path, tell)
  const kind = text(value, 'kind', path, tell)
  const name = text(value, 'name', path, tell)
  if (kind === undefined || !SUBJECT_KINDS.has(kind)) {
    const given = kind === undefined ? 'has no kind' : `is of kind ${JSON.stringify(kind)}`
    tell('invalid', 'error', path, `the subject ${given}, which is none of User, Group and ServiceAccount: ${REFUSED}`)
    return undefined
  }
  if (!name) {
    tell(
      'invalid',
      'error',
      path,
      `the subject has no name: the API server refuses ${name === '' ? 'its bindings' : 'the whole definition'}`,
    )
    return undefined
  }
  const automount = field(value, 'automountServiceAccountToken') ?? undefined
  if (automount !== undefined && typeof automount !== 'boolean')
    tell('invalid', 'error', [...path, 'automountServiceAccountToken'], `is neither true nor false: ${REFUSED}`)
  return {
    kind: kind as SubjectKind,
    name,
    namespace: text(value, 'namespace', path, tell) ?? '',
    imagePullSecrets: items(value, 'imagePullSecrets', path, tell).flatMap(([each, place]) => {
      if (typeof each === 'string') return [each]
      tell('invalid', 'error', place, `is no text: ${REFUSED}`)
      return []
    }),
    automount: boolean(automount),
    path,
  }
}

const NOTHING_APPLIED = 'rbac-manager applies nothing of the definition'

function decodeRoleBinding(value: Json, path: Path, tell: Tell): DefinitionRoleBinding | undefined {
  unknownFields(value, ['clusterRole', 'role', 'namespace', 'namespaceSelector'], path, tell)
  const clusterRole = text(value, 'clusterRole', path, tell) ?? ''
  const role = text(value, 'role', path, tell) ?? ''
  const namespace = text(value, 'namespace', path, tell) ?? ''
  if (clusterRole === '' && role === '') {
    tell('no-role', 'error', path, `names neither clusterRole nor role: ${NOTHING_APPLIED}`)
    return undefined
  }
  if (clusterRole !== '' && role !== '')
    tell(
      'cluster-role-over-role',
      'warning',
      path,
      `names a clusterRole and a role: the clusterRole ${clusterRole} counts`,
    )
  const selector = decodeNamespaceSelector(field(value, 'namespaceSelector'), [...path, 'namespaceSelector'], tell)
  if (selector === 'invalid') return undefined
  if (selector === 'empty') {
    const instead = namespace === '' ? `no namespace is named: ${NOTHING_APPLIED}` : `the namespace ${namespace} counts`
    const severity = namespace === '' ? 'error' : 'note'
    tell(
      'empty-selector',
      severity,
      [...path, 'namespaceSelector'],
      `an empty namespaceSelector counts as none, and ${instead}`,
    )
    if (namespace === '') return undefined
  }
  if (selector === undefined && namespace === '') {
    tell('no-namespace', 'error', path, `names neither namespace nor namespaceSelector: ${NOTHING_APPLIED}`)
    return undefined
  }
  const decides = selector === 'empty' ? undefined : selector
  if (decides && namespace !== '')
    tell(
      'selector-over-namespace',
      'warning',
      path,
      `has a namespace and a namespaceSelector: the selector counts, ${namespace} gets no binding for being named`,
    )
  return {
    roleKind: clusterRole === '' ? 'Role' : 'ClusterRole',
    role: clusterRole || role,
    namespace,
    selector: decides,
    path,
  }
}

/** Absent and null are the same: apiextensions prunes nulls of what is not nullable before it validates (prunenulls.go). */
function text(value: Json, key: string, path: Path, tell: Tell): string | undefined {
  const found = field(value, key) ?? undefined
  if (found === undefined || typeof found === 'string') return found
  tell('invalid', 'error', [...path, key], `${JSON.stringify(found)?.slice(0, 40)} is no text: ${REFUSED}`)
  return undefined
}

function items(value: Json, key: string, path: Path, tell: Tell): readonly (readonly [Json, Path])[] {
  const found = field(value, key) ?? undefined
  if (found === undefined) return []
  if (!Array.isArray(found)) {
    tell('invalid', 'error', [...path, key], `is no list: ${REFUSED}`)
    return []
  }
  return list(found).map((each, index) => [each, [...path, key, index]] as const)
}

/** What the schema does not know, the API server drops without a word. */
function unknownFields(value: Json, known: readonly string[], path: Path, tell: Tell): void {
  if (!isObject(value)) return
  for (const key of Object.keys(value))
    if (!known.includes(key))
      tell(
        'unknown-field',
        'warning',
        [...path, key],
        `${JSON.stringify(key.slice(0, 60))} is no field here: the API server drops it`,
      )
}
