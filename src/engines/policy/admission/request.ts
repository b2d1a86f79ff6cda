import { asAdmitted } from '../../../cluster/admitted/admitted.ts'
import { asCreated } from '../../../cluster/admitted/created.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { field, type JsonObject, string } from '../../../cluster/json.ts'
import { pluralOf } from '../../../cluster/kinds.ts'
import type { Namespace } from '../../../cluster/namespace.ts'
import type { KubeObject } from '../../../cluster/object.ts'

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
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** Makes the creation request of any object, as a cluster of Kubernetes 1.`minor` would see it. */
export function creations(
  cluster: Pick<Cluster, 'namespaces' | 'ofKind'>,
  minor: number,
): (object: KubeObject) => AdmissionRequest {
  const plurals = new Map<string, string>()
  return (object) => {
    const apiVersion = string(field(object.body, 'apiVersion')) ?? ''
    const slash = apiVersion.lastIndexOf('/')
    const place = cluster.namespaces.get(object.namespace)
    const type = `${object.group}/${object.kind}`
    const resource = plurals.get(type) ?? pluralOf(object.group, object.kind, cluster)
    plurals.set(type, resource)
    return {
      object,
      body: asCreated(asAdmitted(object, minor).body, minor),
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      version: apiVersion.slice(slash + 1),
      resource,
      subresource: '',
      operation: 'CREATE',
      namespace: isNamespaceObject(object) ? object.name : object.namespace,
      ...(place ? { place } : {}),
    }
  }
}

export function isNamespaceObject({ group, kind }: KubeObject): boolean {
  return group === '' && kind === 'Namespace'
}
