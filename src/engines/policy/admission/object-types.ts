import { BOOL, DYN, INT, listOf, mapOf, objectType, STRING, TIMESTAMP, type Type } from '../../../cel/type.ts'

/** Fields of the structures that admission declares, by their type names: k8s.io/apiserver pkg/admission/plugin/cel/compile.go. */
export type ObjectTypes = ReadonlyMap<string, ReadonlyMap<string, Type>>

const STRINGS = listOf(STRING)
const STRING_MAP = mapOf(STRING, STRING)
const fields = (all: Readonly<Record<string, Type>>): ReadonlyMap<string, Type> => new Map(Object.entries(all))

export const REQUEST = objectType('kubernetes.AdmissionRequest')
export const NAMESPACE = objectType('kubernetes.Namespace')
export const VARIABLES = objectType('kubernetes.variables')

/** `uid`, `object` and `oldObject` of a request are left out on purpose, as are most bookkeeping fields of a namespace. */
export const ADMISSION_TYPES: ObjectTypes = new Map([
  [
    'kubernetes.AdmissionRequest',
    fields({
      kind: objectType('kubernetes.GroupVersionKind'),
      resource: objectType('kubernetes.GroupVersionResource'),
      subResource: STRING,
      requestKind: objectType('kubernetes.GroupVersionKind'),
      requestResource: objectType('kubernetes.GroupVersionResource'),
      requestSubResource: STRING,
      name: STRING,
      namespace: STRING,
      operation: STRING,
      userInfo: objectType('kubernetes.UserInfo'),
      dryRun: BOOL,
      options: DYN,
    }),
  ],
  ['kubernetes.GroupVersionKind', fields({ group: STRING, version: STRING, kind: STRING })],
  ['kubernetes.GroupVersionResource', fields({ group: STRING, version: STRING, resource: STRING })],
  ['kubernetes.UserInfo', fields({ username: STRING, uid: STRING, groups: STRINGS, extra: mapOf(STRING, STRINGS) })],
  [
    'kubernetes.Namespace',
    fields({
      metadata: objectType('kubernetes.NamespaceMetadata'),
      spec: objectType('kubernetes.NamespaceSpec'),
      status: objectType('kubernetes.NamespaceStatus'),
    }),
  ],
  [
    'kubernetes.NamespaceMetadata',
    fields({
      name: STRING,
      generateName: STRING,
      namespace: STRING,
      labels: STRING_MAP,
      annotations: STRING_MAP,
      // Written so in the source; the object itself has `uid`.
      UID: STRING,
      creationTimestamp: TIMESTAMP,
      deletionGracePeriodSeconds: INT,
      deletionTimestamp: TIMESTAMP,
      generation: INT,
      resourceVersion: STRING,
      finalizers: STRINGS,
    }),
  ],
  ['kubernetes.NamespaceSpec', fields({ finalizers: STRINGS })],
  [
    'kubernetes.NamespaceStatus',
    fields({ conditions: listOf(objectType('kubernetes.NamespaceCondition')), phase: STRING }),
  ],
  [
    'kubernetes.NamespaceCondition',
    fields({ status: STRING, type: STRING, lastTransitionTime: TIMESTAMP, message: STRING, reason: STRING }),
  ],
])
