import {
  at,
  boolean,
  field,
  isObject,
  type Json,
  type JsonObject,
  list,
  number,
  object,
  type Path,
  string,
  stringMap,
  strings,
} from './json.ts'
import type { KubeObject } from './object.ts'
import { decodeVolume, type Volume } from './volume.ts'

/** Pods as the scheduler and the kubelet read them (core/v1 PodSpec), with the path of each part for the evidence. */

export type ContainerRole = 'app' | 'init' | 'sidecar' | 'ephemeral'

export interface SecurityContext {
  readonly privileged: boolean
  readonly allowPrivilegeEscalation: boolean | undefined
  readonly added: readonly string[]
  readonly dropped: readonly string[]
  readonly runAsUser: number | undefined
  /** Groups that the pod's spec gives its processes, over what the image says. */
  readonly groups: readonly number[]
  readonly runAsNonRoot: boolean | undefined
  readonly readOnlyRootFilesystem: boolean
  readonly procMount: string | undefined
  readonly seccomp: string | undefined
  readonly appArmor: string | undefined
  readonly seLinuxType: string | undefined
  readonly hostProcess: boolean
}

export interface EnvVar {
  readonly name: string
  /** A literal value. Never printed: it may be a password. */
  readonly value: string | undefined
  readonly from:
    | { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string; readonly key: string; readonly optional: boolean }
    | undefined
  readonly path: Path
}

export interface ContainerPort {
  readonly name: string | undefined
  readonly port: number
  readonly protocol: string
  readonly hostPort: number | undefined
  readonly path: Path
}

export interface VolumeMount {
  readonly volume: string
  readonly mountPath: string
  readonly subPath: string | undefined
  readonly readOnly: boolean
  readonly path: Path
}

export interface Container {
  readonly name: string
  readonly role: ContainerRole
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly env: readonly EnvVar[]
  readonly envFrom: readonly {
    readonly kind: 'Secret' | 'ConfigMap'
    readonly name: string
    /** Stands before every key. */
    readonly prefix: string
    readonly path: Path
  }[]
  readonly ports: readonly ContainerPort[]
  readonly mounts: readonly VolumeMount[]
  readonly devices: readonly { readonly volume: string; readonly path: Path }[]
  readonly security: SecurityContext
  readonly path: Path
}

export interface NodeTerm {
  readonly labels: readonly NodeRequirement[]
  readonly fields: readonly NodeRequirement[]
}

export interface NodeRequirement {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
}

export interface Toleration {
  readonly key: string
  readonly operator: string
  readonly value: string
  readonly effect: string
}

export interface PodSpec {
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
  readonly hostNetwork: boolean
  readonly hostPID: boolean
  readonly hostIPC: boolean
  /** False: the pod's root is nobody on the node (user namespace). */
  readonly hostUsers: boolean
  readonly shareProcessNamespace: boolean
  readonly serviceAccountName: string
  readonly automountToken: boolean | undefined
  readonly imagePullSecrets: readonly string[]
  readonly runtimeClassName: string | undefined
  readonly windows: boolean
  readonly nodeName: string | undefined
  readonly nodeSelector: ReadonlyMap<string, string>
  /** Required node affinity: one of the terms holds. Undefined when there is none. */
  readonly nodeTerms: readonly NodeTerm[] | undefined
  readonly tolerations: readonly Toleration[]
  /** The path of the PodSpec in its object: `spec`, `spec.template.spec`, … */
  readonly path: Path
}

const MIRROR = 'kubernetes.io/config.mirror'

/**
 * A mirror pod stands for a static one, which the kubelet reads from its own files: it has no token, and may use no
 * Secret (plugin/pkg/admission/serviceaccount, pkg/kubelet/types).
 */
export function isMirrorPod(object: KubeObject): boolean {
  return at(object.body, 'metadata', 'annotations', MIRROR) !== undefined
}

const NONE: readonly never[] = Object.freeze([])

/** What the items of a list mean; most lists that a pod may have are not there. `path`: of what has the list. */
function members<T>(
  parent: JsonObject,
  path: Path,
  key: string,
  decode: (item: Json, path: Path) => readonly T[],
): readonly T[] {
  const items = list(field(parent, key))
  if (items.length === 0) return NONE
  const found: T[] = []
  for (let index = 0; index < items.length; index++) found.push(...decode(items[index] as Json, [...path, key, index]))
  return found
}

/** Decodes a PodTemplateSpec, or a Pod, at `path` of an object. */
export function decodePod(template: JsonObject, path: Path): PodSpec {
  const spec = object(field(template, 'spec'))
  const metadata = object(field(template, 'metadata'))
  return decodePodSpec(
    spec,
    [...path, 'spec'],
    stringMap(field(metadata, 'labels')),
    stringMap(field(metadata, 'annotations')),
  )
}

export function decodePodSpec(
  spec: JsonObject,
  path: Path,
  labels: ReadonlyMap<string, string>,
  annotations: ReadonlyMap<string, string>,
): PodSpec {
  const podSecurity = object(field(spec, 'securityContext'))
  const containersOf = (key: string, roleOf: (container: JsonObject) => ContainerRole): readonly Container[] =>
    members(spec, path, key, (item, each) =>
      isObject(item) ? [decodeContainer(item, roleOf(item), podSecurity, annotations, each)] : NONE,
    )
  return {
    labels,
    annotations,
    containers: [
      ...containersOf('initContainers', (item) => (field(item, 'restartPolicy') === 'Always' ? 'sidecar' : 'init')),
      ...containersOf('containers', () => 'app'),
      ...containersOf('ephemeralContainers', () => 'ephemeral'),
    ],
    volumes: members(spec, path, 'volumes', (item, each) => (isObject(item) ? [decodeVolume(item, each)] : NONE)),
    hostNetwork: field(spec, 'hostNetwork') === true,
    hostPID: field(spec, 'hostPID') === true,
    hostIPC: field(spec, 'hostIPC') === true,
    hostUsers: field(spec, 'hostUsers') !== false,
    shareProcessNamespace: field(spec, 'shareProcessNamespace') === true,
    // The API server copies the deprecated serviceAccount when serviceAccountName is empty; admission sets `default`.
    serviceAccountName: string(field(spec, 'serviceAccountName')) || string(field(spec, 'serviceAccount')) || 'default',
    automountToken: boolean(field(spec, 'automountServiceAccountToken')),
    imagePullSecrets: list(field(spec, 'imagePullSecrets')).flatMap((item) => string(field(item, 'name')) ?? []),
    runtimeClassName: string(field(spec, 'runtimeClassName')),
    windows: at(spec, 'os', 'name') === 'windows' || at(spec, 'nodeSelector', 'kubernetes.io/os') === 'windows',
    nodeName: string(field(spec, 'nodeName')) || undefined,
    nodeSelector: stringMap(field(spec, 'nodeSelector')),
    nodeTerms: decodeNodeTerms(
      at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'),
    ),
    tolerations: list(field(spec, 'tolerations')).flatMap((item) => (isObject(item) ? [decodeToleration(item)] : [])),
    path,
  }
}

function decodeContainer(
  item: JsonObject,
  role: ContainerRole,
  podSecurity: JsonObject,
  annotations: ReadonlyMap<string, string>,
  path: Path,
): Container {
  const name = string(field(item, 'name')) ?? ''
  return {
    name,
    role,
    image: string(field(item, 'image')) ?? '',
    command: strings(field(item, 'command')),
    args: strings(field(item, 'args')),
    env: members(item, path, 'env', (each, here) => (isObject(each) ? [decodeEnv(each, here)] : NONE)),
    envFrom: members(item, path, 'envFrom', decodeEnvFrom),
    ports: members(item, path, 'ports', decodePort),
    mounts: members(item, path, 'volumeMounts', decodeMount),
    devices: members(item, path, 'volumeDevices', (each, here) => {
      const volume = string(field(each, 'name'))
      return volume === undefined ? NONE : [{ volume, path: here }]
    }),
    security: decodeSecurity(object(field(item, 'securityContext')), podSecurity, annotations, name),
    path,
  }
}

/** The container's own securityContext wins over the pod's, field by field, where the pod has the field at all. */
function decodeSecurity(
  own: JsonObject,
  pod: JsonObject,
  annotations: ReadonlyMap<string, string>,
  container: string,
): SecurityContext {
  const inherited = (key: string): Json | undefined => field(own, key) ?? field(pod, key)
  const inheritedIn = (key: string, inner: string): Json | undefined =>
    field(field(own, key), inner) ?? field(field(pod, key), inner)
  const annotation = annotations.get(`container.apparmor.security.beta.kubernetes.io/${container}`)
  return {
    privileged: field(own, 'privileged') === true,
    allowPrivilegeEscalation: boolean(field(own, 'allowPrivilegeEscalation')),
    added: strings(at(own, 'capabilities', 'add')).map(bareCapability),
    dropped: strings(at(own, 'capabilities', 'drop')).map(bareCapability),
    runAsUser: number(inherited('runAsUser')),
    groups: [inherited('runAsGroup'), field(pod, 'fsGroup'), ...list(field(pod, 'supplementalGroups'))].flatMap(
      (each) => number(each) ?? [],
    ),
    runAsNonRoot: boolean(inherited('runAsNonRoot')),
    readOnlyRootFilesystem: field(own, 'readOnlyRootFilesystem') === true,
    procMount: string(field(own, 'procMount')),
    seccomp: string(inheritedIn('seccompProfile', 'type')),
    appArmor:
      string(inheritedIn('appArmorProfile', 'type')) ?? (annotation === 'unconfined' ? 'Unconfined' : annotation),
    seLinuxType: string(inheritedIn('seLinuxOptions', 'type')),
    hostProcess: inheritedIn('windowsOptions', 'hostProcess') === true,
  }
}

/** containerd and CRI-O take `CAP_SYS_ADMIN` and `SYS_ADMIN` alike. */
function bareCapability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '')
}

function decodeEnv(item: JsonObject, path: Path): EnvVar {
  const from = object(field(item, 'valueFrom'))
  const reference = (kind: 'Secret' | 'ConfigMap', ref: Json | undefined): EnvVar['from'] => {
    const name = string(field(ref, 'name'))
    return name === undefined
      ? undefined
      : { kind, name, key: string(field(ref, 'key')) ?? '', optional: field(ref, 'optional') === true }
  }
  return {
    name: string(field(item, 'name')) ?? '',
    value: string(field(item, 'value')),
    from: reference('Secret', field(from, 'secretKeyRef')) ?? reference('ConfigMap', field(from, 'configMapKeyRef')),
    path,
  }
}

function decodeEnvFrom(item: Json, path: Path): Container['envFrom'][number][] {
  const secret = string(at(item, 'secretRef', 'name'))
  const configMap = string(at(item, 'configMapRef', 'name'))
  const prefix = string(field(item, 'prefix')) ?? ''
  return [
    ...(secret === undefined ? [] : [{ kind: 'Secret' as const, name: secret, prefix, path }]),
    ...(configMap === undefined ? [] : [{ kind: 'ConfigMap' as const, name: configMap, prefix, path }]),
  ]
}

function decodePort(item: Json, path: Path): ContainerPort[] {
  const port = number(field(item, 'containerPort'))
  if (port === undefined) return []
  return [
    {
      name: string(field(item, 'name')),
      port,
      protocol: string(field(item, 'protocol')) ?? 'TCP',
      hostPort: number(field(item, 'hostPort')) || undefined,
      path,
    },
  ]
}

function decodeMount(item: Json, path: Path): VolumeMount[] {
  const volume = string(field(item, 'name'))
  if (volume === undefined) return []
  const subPath = string(field(item, 'subPath')) ?? string(field(item, 'subPathExpr'))
  return [
    {
      volume,
      mountPath: string(field(item, 'mountPath')) ?? '',
      subPath,
      readOnly: field(item, 'readOnly') === true,
      path,
    },
  ]
}

export function decodeNodeTerms(value: Json | undefined): readonly NodeTerm[] | undefined {
  if (!Array.isArray(value)) return undefined
  const requirements = (items: Json | undefined): NodeRequirement[] =>
    list(items).flatMap((item) => {
      const key = string(field(item, 'key'))
      const operator = string(field(item, 'operator'))
      return key === undefined || operator === undefined
        ? []
        : [{ key, operator, values: strings(field(item, 'values')) }]
    })
  return (value as readonly Json[]).map((term) => ({
    labels: requirements(field(term, 'matchExpressions')),
    fields: requirements(field(term, 'matchFields')),
  }))
}

export function decodeToleration(item: JsonObject): Toleration {
  return {
    key: string(field(item, 'key')) ?? '',
    operator: string(field(item, 'operator')) || 'Equal',
    value: string(field(item, 'value')) ?? '',
    effect: string(field(item, 'effect')) ?? '',
  }
}
