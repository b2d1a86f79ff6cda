import { hash8, hash53 } from './hash.ts'
import { at, field, isObject, type Json, type JsonObject, object, string, stringMap } from './json.ts'
import { currentGroup, isNamespaced, typeName } from './kinds.ts'
import type { Made } from './made.ts'
import type { Origin } from './origin.ts'

/** One Kubernetes object as it was read, without what is secret or only bookkeeping. */
export interface KubeObject {
  /** `Kind[.group]/namespace/name`, equal in every scan of the same objects. */
  readonly id: string
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Empty for a cluster-scoped object. */
  readonly namespace: string
  readonly name: string
  readonly body: JsonObject
  /** Absent for an object that no input holds and that Kubernetes itself creates. */
  readonly origin?: Origin
  /** Of an object that no input holds and that a controller makes of one that it holds. */
  readonly made?: Made
}

/** RFC 1123 subdomains end at 253; a longer name is no object's. */
const MAX_NAME = 253
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** `Deployment/shop/frontend`, `Node//worker-1`, `User//alice`: a namespace holds no slash, so the rest is the name. */
export function idOf(type: string, namespace: string, name: string): string {
  return `${type}/${namespace.includes('/') ? namespace.replaceAll('/', '%2F') : namespace}/${name}`
}

export interface IdParts {
  readonly type: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export function idParts(id: string): IdParts {
  const first = id.indexOf('/')
  const second = id.indexOf('/', first + 1)
  const type = id.slice(0, first)
  const dot = type.indexOf('.')
  return {
    type,
    kind: dot < 0 ? type : type.slice(0, dot),
    namespace: id.slice(first + 1, second).replaceAll('%2F', '/'),
    name: id.slice(second + 1),
  }
}

export function labelsOf(body: JsonObject): ReadonlyMap<string, string> {
  return stringMap(at(body, 'metadata', 'labels'))
}

export function annotationsOf(body: JsonObject): ReadonlyMap<string, string> {
  return stringMap(at(body, 'metadata', 'annotations'))
}

export interface Placement {
  /** Where an object goes that names no namespace, as kubectl's `-n`. */
  readonly namespace: string
  /** `kind.group` of the custom kinds that the input defines as cluster-scoped. */
  readonly clusterScoped: ReadonlySet<string>
}

/** The object in `body`, or the reason why the API server could not even name it. */
export function toObject(body: JsonObject, origin: Origin, placement: Placement): KubeObject | string {
  const apiVersion = string(field(body, 'apiVersion')) ?? ''
  const kind = string(field(body, 'kind')) ?? ''
  const slash = apiVersion.lastIndexOf('/')
  const group = currentGroup(slash < 0 ? '' : apiVersion.slice(0, slash), kind)
  const metadata = object(field(body, 'metadata'))
  const clean = withoutSecrets(body, kind, group)
  const name = string(field(metadata, 'name')) ?? generatedName(metadata, clean)
  const given = field(metadata, 'namespace') ?? ''
  if (name === undefined || name === '') {
    return isObject(field(body, 'metadata')) && field(metadata, 'name') !== undefined
      ? 'metadata.name is not a string'
      : 'metadata.name is missing'
  }
  if (typeof given !== 'string') return 'metadata.namespace is not a string'
  if (name.length > MAX_NAME) return `metadata.name has ${name.length} characters; ${MAX_NAME} are allowed`
  if (given.length > MAX_NAME) return `metadata.namespace has ${given.length} characters; 63 are allowed`
  const scoped = placement.clusterScoped.has(`${kind}.${group}`) ? false : isNamespaced(group, kind)
  // Of custom kinds whose definition is not in the input, nearly all that name no namespace are placed by kubectl.
  const namespace = scoped === false ? '' : given === '' ? placement.namespace : given
  const id = idOf(typeName(group, kind), namespace, name)
  return {
    id,
    group,
    version: apiVersion.slice(slash + 1),
    kind,
    namespace,
    name,
    body: clean,
    origin,
  }
}

/** The text of a value in which the order of keys says nothing. */
function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sorted(value[key] as Json)}`)
    .join()}}`
}

/**
 * Each creation of an object with `generateName` makes another one. Its name is not known; the star and a hash of the
 * object keep two of them apart, equally in every scan.
 */
function generatedName(metadata: JsonObject, body: JsonObject): string | undefined {
  const start = string(field(metadata, 'generateName'))
  return start ? `${start}*${hash8([hash53(sorted(body))])}` : undefined
}

const POD_STATUS: readonly string[] = [
  'phase',
  'podIP',
  'podIPs',
  'hostIP',
  'startTime',
  'resourceClaimStatuses',
  'extendedResourceClaimStatus',
]

/** Secret values, and what kubectl and the API server keep for themselves, go before anything else sees the object. */
function withoutSecrets(body: JsonObject, kind: string, group: string): JsonObject {
  const metadata = object(field(body, 'metadata'))
  const annotations = object(field(metadata, 'annotations'))
  let clean = body
  if (Object.hasOwn(metadata, 'managedFields') || Object.hasOwn(annotations, LAST_APPLIED)) {
    const { managedFields: _, ...rest } = metadata
    const { [LAST_APPLIED]: __, ...kept } = annotations
    clean = { ...clean, metadata: Object.hasOwn(metadata, 'annotations') ? { ...rest, annotations: kept } : rest }
  }
  if (group !== '') return clean
  if (kind === 'Secret') return { ...clean, ...emptied(clean, 'data'), ...emptied(clean, 'stringData') }
  if (kind === 'Pod') return withStatus(clean, POD_STATUS)
  if (kind === 'Node') return withStatus(clean, ['nodeInfo', 'addresses', 'allocatable', 'capacity'])
  return clean
}

function emptied(body: JsonObject, key: string): JsonObject {
  const values = field(body, key)
  if (values === undefined) return {}
  return { [key]: isObject(values) ? Object.fromEntries(Object.keys(values).map((name) => [name, ''])) : null }
}

function withStatus(body: JsonObject, keep: readonly string[]): JsonObject {
  const status = field(body, 'status')
  if (!isObject(status)) return body
  const kept: Record<string, Json> = {}
  for (const key of keep) if (Object.hasOwn(status, key)) kept[key] = status[key] as Json
  return { ...body, status: kept }
}
