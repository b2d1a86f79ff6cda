import { EXPIRES, type Span, STARTS } from '../expiry.ts'
import type { Json, JsonObject, Path, Step } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'
import {
  type Definition,
  type DefinitionBinding,
  type DefinitionRoleBinding,
  type DefinitionSubject,
  GROUP,
  KIND,
  VERSION,
} from './definition.ts'

const RBAC = 'rbac.authorization.k8s.io'
/** pkg/kube: by this label rbac-manager lists what it owns. */
export const LABEL = 'rbac-manager'
const LABELS: JsonObject = { [LABEL]: 'reactiveops' }
/** The pull secrets that rbac-manager has put into a service account: it is there even where there are none. */
export const PULL_SECRETS = 'rbacmanager.reactiveops.io/managed-pull-secrets'

/** What of a grant's time its bindings carry, so that they say themselves when they hold. */
export function timeAnnotations(span: Span): JsonObject | undefined {
  const { starts, expires, invalid } = span
  const entries: [string, string][] = []
  const spoiled = (kind: string) => invalid.find(({ annotation }) => annotation.startsWith(kind))?.text
  const text = (time: number | undefined, kind: string) =>
    time === undefined ? spoiled(kind) : new Date(time).toISOString().replace('.000Z', 'Z')
  for (const [kind, time] of [
    [EXPIRES, expires],
    [STARTS, starts],
  ] as const) {
    const written = text(time, kind)
    if (written !== undefined) entries.push([kind, written])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function metadata(
  { name: definition, uid }: Definition,
  name: string,
  namespace: string,
  annotations: JsonObject | undefined,
): JsonObject {
  const owner = {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: KIND,
    name: definition,
    ...(uid === undefined ? {} : { uid }),
  }
  return {
    name,
    ...(namespace === '' ? {} : { namespace }),
    labels: LABELS,
    ...(annotations === undefined ? {} : { annotations }),
    ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
  }
}

export interface BoundSubjects {
  readonly list: readonly Json[]
  readonly places: readonly (readonly [Path, Path])[]
}

/** Subjects as the API server stores them, in the order of the definition: rbac-manager compares them in order. */
export function boundSubjects(binding: DefinitionBinding, subjects: readonly DefinitionSubject[]): BoundSubjects {
  const isWhole = subjects.every(({ path }, index) => path.at(-1) === index)
  return {
    list: subjects.map(({ kind, name, namespace }) => ({
      ...(kind === 'ServiceAccount' ? {} : { apiGroup: RBAC }),
      kind,
      name,
      ...(namespace === '' ? {} : { namespace }),
    })),
    places: isWhole
      ? [[['subjects'], [...binding.path, 'subjects']]]
      : subjects.map(({ path }, index) => [['subjects', index], path]),
  }
}

function bindingObject(
  definition: Definition,
  kind: 'ClusterRoleBinding' | 'RoleBinding',
  { namespace, name }: { namespace: string; name: string },
  role: { kind: string; name: string; field: Step; path: Path },
  subjects: BoundSubjects,
  annotations: JsonObject | undefined,
): KubeObject {
  const body = {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: metadata(definition, name, namespace, annotations),
    roleRef: { apiGroup: RBAC, kind: role.kind, name: role.name },
    // Go leaves an empty list out.
    ...(subjects.list.length === 0 ? {} : { subjects: subjects.list }),
  }
  const places: [Path, Path][] = [
    [[], role.path],
    [['metadata'], ['metadata']],
    [['roleRef'], [...role.path, role.field]],
    [
      ['roleRef', 'name'],
      [...role.path, role.field],
    ],
    [
      ['roleRef', 'kind'],
      [...role.path, role.field],
    ],
  ]
  return {
    id: idOf(kind, namespace, name),
    group: RBAC,
    version: 'v1',
    kind,
    namespace,
    name,
    body,
    made: { by: definition.object, places: [...places, ...subjects.places] },
  }
}

export function clusterRoleBindingObject(
  definition: Definition,
  binding: DefinitionBinding,
  { clusterRole, path }: DefinitionBinding['clusterRoleBindings'][number],
  subjects: BoundSubjects,
  annotations: JsonObject | undefined,
): KubeObject {
  const name = `${definition.name}-${binding.name}-${clusterRole}`
  const role = { kind: 'ClusterRole', name: clusterRole, field: 'clusterRole', path }
  return bindingObject(definition, 'ClusterRoleBinding', { namespace: '', name }, role, subjects, annotations)
}

/** Of a binding to a Role the `namespace` as written is part of the name: with a selector alone it ends in a dash. */
export function roleBindingName(
  definition: Definition,
  binding: DefinitionBinding,
  { roleKind, role, namespace }: DefinitionRoleBinding,
): string {
  return `${definition.name}-${binding.name}-${roleKind === 'Role' ? `${role}-${namespace}` : role}`
}

export function roleBindingObject(
  definition: Definition,
  binding: DefinitionBinding,
  wanted: DefinitionRoleBinding,
  namespace: string,
  subjects: BoundSubjects,
  annotations: JsonObject | undefined,
): KubeObject {
  const { roleKind, role: name, path } = wanted
  const role = { kind: roleKind, name, field: roleKind === 'Role' ? 'role' : 'clusterRole', path }
  const place = { namespace, name: roleBindingName(definition, binding, wanted) }
  return bindingObject(definition, 'RoleBinding', place, role, subjects, annotations)
}

export function serviceAccountObject(definition: Definition, subject: DefinitionSubject): KubeObject {
  const { name, namespace, imagePullSecrets, automount, path } = subject
  const body = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(definition, name, namespace, { [PULL_SECRETS]: imagePullSecrets.join(',') }),
    ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((each) => ({ name: each })) }),
    ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
  }
  const places: [Path, Path][] = [
    [[], path],
    [['metadata'], path],
  ]
  return {
    id: idOf('ServiceAccount', namespace, name),
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    namespace,
    name,
    body,
    made: { by: definition.object, places },
  }
}
