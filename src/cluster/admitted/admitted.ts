import { field, isObject, type JsonObject, string } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { DEFAULT_MINOR } from '../version.ts'
import { unreadableAnnotation } from './defaults/apps.ts'
import { defaultingOf } from './defaults/of-kind.ts'
import { nearestMinor, type StructSchema, schemaOf } from './schema.ts'
import { type Problem, Typing } from './typed.ts'

/**
 * An object as the validating admission of the API server sees it: decoded into its Go type, with the defaults of the
 * type, in plain JSON again.
 *
 * Not modelled, since it takes more than the object and its kind:
 * - what the admission plugins that are on by default add to a Pod before policies see it: `serviceAccountName` and the
 *   volume of its token (ServiceAccount), `priority` and `preemptionPolicy` (Priority), tolerations of 300 seconds of
 *   nodes that are not ready or unreachable (DefaultTolerationSeconds), runtime class overhead (RuntimeClass), limits
 *   (LimitRanger), storage and ingress classes; webhooks and mutating policies;
 * - what a create does before admission, of which `asCreated` (created.ts) does the part that the object decides.
 *
 * Known to differ: integers beyond 2^53 have lost digits when they were read; `1.0` reads as `1`, which Go refuses for
 * an integer; an empty list of scaling policies, which is refused, is filled; versions that no release in use serves
 * (`apps/v1beta1`) get the defaults of the current one.
 */
export interface Admitted {
  readonly body: JsonObject
  /** What the API server would refuse the object for; such a value is left as it is written. */
  readonly problems: readonly Problem[]
}

const NO_PROBLEMS: readonly Problem[] = Object.freeze([])

/**
 * The object in the version that its `apiVersion` says, as Kubernetes 1.`minor` shows it; of a kind without a built-in type,
 * only the metadata have one. Lists keep their items at their places, so that a path into the result is a path into the object (but
 * for `podIPs` and `podCIDRs` that contradict the field beside them). Nothing is changed in place, and what does not
 * change is shared. Asked of its own result, the answer is the same.
 */
export function asAdmitted(object: Pick<KubeObject, 'body'>, minor = DEFAULT_MINOR): Admitted {
  const { body } = object
  const apiVersion = string(field(body, 'apiVersion')) ?? ''
  const kind = string(field(body, 'kind')) ?? ''
  const type = typeOf(apiVersion, kind, minor)
  if (!type) return withTypedMetadata(body, minor)
  const { group, schema, defaulting } = type
  const typing = idle ?? new Typing()
  idle = undefined
  const typed = typing.struct(schema, body)
  if (typing.problems.length === 0) idle = typing
  const annotation = group === 'apps' && isObject(typed) ? unreadableAnnotation(kind, typed) : undefined
  const unreadable = annotation ? [{ path: annotation, message: 'must be an integer of 64 bits' }] : NO_PROBLEMS
  const problems = typing.problems.length === 0 ? unreadable : [...typing.problems, ...unreadable]
  return {
    body: isObject(typed) && defaulting ? defaulting(typed, nearestMinor(minor)) : (typed as JsonObject),
    problems,
  }
}

/** One that has met no problem can be asked again. */
let idle: Typing | undefined

interface AdmittedType {
  readonly group: string
  readonly schema: StructSchema
  readonly defaulting: ReturnType<typeof defaultingOf>
}

/** By release, `apiVersion` and kind: of the built-in ones. */
const TYPES = new Map<number, Map<string, Map<string, AdmittedType>>>()

function typeOf(apiVersion: string, kind: string, minor: number): AdmittedType | undefined {
  const known = TYPES.get(minor)?.get(apiVersion)?.get(kind)
  if (known) return known
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const version = apiVersion.slice(slash + 1)
  const schema = schemaOf(group, version, kind, minor)
  if (!schema) return undefined
  const type = { group, schema, defaulting: defaultingOf(group, version, kind) }
  const byVersion = TYPES.get(minor) ?? new Map<string, Map<string, AdmittedType>>()
  TYPES.set(minor, byVersion)
  const byKind = byVersion.get(apiVersion) ?? new Map<string, AdmittedType>()
  byVersion.set(apiVersion, byKind)
  byKind.set(kind, type)
  return type
}

/** Custom resources: k8s.io/apiextensions-apiserver pkg/apiserver/schema/objectmeta Coerce. */
function withTypedMetadata(body: JsonObject, minor: number): Admitted {
  const metadata = field(body, 'metadata')
  const schema = schemaOf('', 'v1', 'ConfigMap', minor)?.fields.get('metadata')?.value
  if (!isObject(metadata) || schema?.kind !== 'struct') return { body, problems: NO_PROBLEMS }
  const typing = new Typing()
  const typed = typing.struct(schema.struct, metadata)
  return {
    body: typed === metadata ? body : { ...body, metadata: typed },
    problems: typing.problems.map((problem) => ({ ...problem, path: ['metadata', ...problem.path] })),
  }
}
