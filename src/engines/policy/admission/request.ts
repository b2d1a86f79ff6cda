import type { Authorizer } from '../../../cel/library/authz.ts'
import { asAdmitted } from '../../../cluster/admitted/admitted.ts'
import { asCreated } from '../../../cluster/admitted/created.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, isObject, type Json, type JsonObject, object, type Path, string } from '../../../cluster/json.ts'
import { pluralOf } from '../../../cluster/kinds.ts'
import type { Namespace } from '../../../cluster/namespace.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { podSpecPath } from '../offence.ts'

/** The request that would bring an object into the cluster, as far as the input tells it: its creation. */
export interface AdmissionRequest {
  readonly object: KubeObject
  /** The object as admission sees it: typed, with defaults. Paths in it are paths in `object.body`. */
  readonly body: JsonObject
  /** As written: `extensions` of a Deployment in `extensions/v1beta1`. */
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly operation: Operation
  /** Of a Namespace its own name, else where the object goes; empty for cluster-scoped objects. */
  readonly namespace: string
  /** Absent for cluster-scoped objects, and where nothing of the namespace is known. */
  readonly place?: Namespace
  /** Of an update or a deletion, the object as it was; what is deleted is `body` as well. */
  readonly old?: JsonObject
  /** `request.userInfo`; no source of objects tells it. */
  readonly user?: JsonObject
  readonly isDryRun?: boolean
  /** What `authorizer` answers about that user. */
  readonly authorizer?: Authorizer
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** Makes the creation request of any object, as a cluster of Kubernetes 1.`minor` would see it. */
export function creations(
  cluster: Pick<Cluster, 'namespaces' | 'ofKind'>,
  minor: number,
): (object: KubeObject) => AdmissionRequest {
  const plurals = new Map<string, string>()
  return (created) => {
    const apiVersion = string(field(created.body, 'apiVersion')) ?? ''
    const slash = apiVersion.lastIndexOf('/')
    const place = cluster.namespaces.get(created.namespace)
    const type = `${created.group}/${created.kind}`
    const resource = plurals.get(type) ?? pluralOf(created.group, created.kind, cluster)
    plurals.set(type, resource)
    let body: JsonObject | undefined
    return {
      object: created,
      // Made when a policy looks at it: of many kinds none does.
      get body() {
        body ??= withAccount(
          placed(withoutNoContainers(asCreated(asAdmitted(created, minor).body, minor)), created.namespace),
        )
        return body
      },
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      resource,
      subresource: '',
      operation: 'CREATE',
      namespace: isNamespaceObject(created) ? created.name : created.namespace,
      ...(place ? { place } : {}),
    }
  }
}

/** The same request as mutating admission sees it, which is before the strategy of the kind prepares the object. */
export function beforeCreation(request: AdmissionRequest, minor: number): AdmissionRequest {
  const { object: created } = request
  return { ...request, body: placed(withoutNoContainers(asAdmitted(created, minor).body), created.namespace) }
}

/** The API server writes the namespace of the request into the object. */
function placed(body: JsonObject, namespace: string): JsonObject {
  const metadata = object(field(body, 'metadata'))
  if (namespace === '' || metadata.namespace === namespace) return body
  return { ...body, metadata: { ...metadata, namespace } }
}

/**
 * The plugin ServiceAccount gives a pod the account of its namespace before any policy is asked. What other plugins add
 * (tolerations, a priority, the volume of the token) is not modelled (docs/reference/admission.md).
 */
function withAccount(body: JsonObject): JsonObject {
  const spec = field(body, 'spec')
  if (body.kind !== 'Pod' || body.apiVersion !== 'v1' || !isObject(spec) || spec.serviceAccountName !== undefined)
    return body
  return { ...body, spec: { ...spec, serviceAccountName: 'default', serviceAccount: 'default' } }
}

/**
 * A pod spec without containers is refused before any policy is asked; decoding gives it a null, which expressions over
 * the list of containers would fail on. Files hold such specs: patches of an object that has the rest.
 */
function withoutNoContainers(body: JsonObject): JsonObject {
  const path = podSpecPath(body)
  if (at(body, ...path, 'containers') !== null) return body
  return without(body, path, 0)
}

function without(value: Json | undefined, path: Path, from: number): JsonObject {
  const step = path[from]
  if (step === undefined) {
    const { containers: _, ...rest } = object(value)
    return rest
  }
  return { ...object(value), [step]: without(field(value, String(step)), path, from + 1) }
}

export function isNamespaceObject({ group, kind }: KubeObject): boolean {
  return group === '' && kind === 'Namespace'
}
