import type { Because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { collect } from './collect.ts'
import { declare } from './declared.ts'
import { type RegistryCredential, registryCredentials } from './registries.ts'

/** That a workload holds what opens the other side: never the value. */
export interface CredentialUse {
  /** Written in the manifest or a ConfigMap, or in a Secret. */
  readonly how: 'inline' | 'secret'
  /** The id of the Secret, whether or not it is in the input. */
  readonly secret?: string
  /** The key in the Secret, or the variable that holds it. */
  readonly key?: string
  readonly because: Because
}

/** A workload is configured to connect to a Service of the cluster. */
export interface Dependency {
  readonly from: string
  /** The id of the Service. */
  readonly service: string
  readonly port?: number
  /** The workloads that the Service selects, sorted; none when it selects none. */
  readonly to: readonly string[]
  readonly because: readonly Because[]
  readonly credential?: CredentialUse
}

/** A host outside the cluster that a workload is configured to call, or that the input declares. */
export interface ExternalService {
  readonly id: string
  readonly host: string
  /** The metadata service of a cloud: not a third party, but the way to the node's identity. */
  readonly isMetadata: boolean
  readonly uses: readonly ExternalUse[]
  /** Objects that declare the host for the whole cluster: ServiceEntry, ExternalName Service, SecretStore. */
  readonly declared: readonly Because[]
}

export interface ExternalUse {
  /** The id of a workload; with `hidden`, of the object whose workloads the input does not show. */
  readonly workload: string
  readonly hidden?: true
  readonly port?: number
  readonly scheme?: string
  readonly because: readonly Because[]
  readonly credential?: CredentialUse
}

/** A connection that is configured, to a place that the input does not tell. */
export interface UnknownDependency {
  readonly workload: string
  /**
   * `secret`: the address is in a Secret. `placeholder`: something else fills it in. `unseen-service`: a Service that is
   * not in the input. `missing-value`: a ConfigMap or key that is not. `too-long`: only the beginning was read.
   */
  readonly reason: 'secret' | 'placeholder' | 'unseen-service' | 'missing-value' | 'too-long'
  readonly host?: string
  readonly secret?: string
  readonly because: Because
}

export interface Dependencies {
  /** Sorted by workload, Service and port. */
  readonly services: readonly Dependency[]
  /** Sorted by host. */
  readonly external: readonly ExternalService[]
  readonly unknown: readonly UnknownDependency[]
  /** Held by nodes for a workload, not by its pods. */
  readonly registryCredentials: readonly RegistryCredential[]
}

/** What every workload is configured to connect to, inside the cluster and outside, and whether it holds a credential. */
export function dependenciesOf(cluster: Cluster): Dependencies {
  const { services, external, unknown } = collect(cluster)
  return { services, external: declare(external, cluster), unknown, registryCredentials: registryCredentials(cluster) }
}
