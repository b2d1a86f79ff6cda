import { serviceAccountMay } from './authz/service-account.ts'
import type { Applications } from './cluster/application/application.ts'
import type { ApplicationConfig } from './cluster/application/config.ts'
import { resolveApplications } from './cluster/application/resolve.ts'
import type { Cluster } from './cluster/cluster.ts'
import { type Dependencies, dependenciesOf } from './cluster/external/external.ts'
import { stores } from './cluster/external/stores.ts'
import { policyOf } from './engines/access/policy.ts'
import { mountedToken } from './engines/access/rules/token.ts'
import { hostVolumes } from './engines/escape/host-volumes.ts'
import { credentialsOf as nodeReads } from './engines/escape/kubelet.ts'
import { wallOf } from './engines/escape/wall.ts'
import type { Known } from './engines/known.ts'
import { controlPlaneReaches, reaches, reachesAddress, reachesApiServer } from './engines/network/api-server.ts'
import { chosenLabels } from './engines/network/chosen-labels.ts'
import { exposuresOf } from './engines/network/exposure/exposures.ts'
import { facesOutside } from './engines/network/exposure/faces-outside.ts'
import { openingsOf } from './engines/network/exposure/openings.ts'
import { type Enforced, type NetworkModel, networkModel } from './engines/network/model.ts'
import { guardsOf } from './engines/policy/guards.ts'
import { admits } from './engines/policy/pod-security.ts'
import type { Stores } from './radius/assets.ts'

/** What engines know of a cluster together; each part is computed when it is first asked for. */
export interface Parts {
  applications(): Applications
  dependencies(): Dependencies
  stores(): Stores
  model(): NetworkModel
}

/** Parts of a cluster that may be taken over from one that is alike. */
export interface Taken {
  readonly applications?: Applications
  readonly dependencies?: Dependencies
  readonly stores?: Stores
}

export function partsOf(
  cluster: Cluster,
  options: { readonly enforced: Enforced; readonly applications?: ApplicationConfig },
  taken: Taken = {},
): Parts {
  return {
    applications: lazily(() => taken.applications ?? resolveApplications(cluster, options.applications)),
    dependencies: lazily(() => taken.dependencies ?? dependenciesOf(cluster)),
    stores: lazily(
      () => taken.stores ?? new Map(stores(cluster).map((store) => [store.workload, { claims: store.claims }])),
    ),
    model: lazily(() => networkModel(cluster, { enforced: options.enforced })),
  }
}

/** The functions by which engines ask each other, wired in this one place. */
export function knownOf(
  cluster: Cluster,
  parts: Parts,
  { memberships, asOf }: Pick<Known, 'asOf'> & { readonly memberships?: Known['memberships'] | undefined } = {},
): Known {
  const known: Known = {
    ...(memberships ? { memberships } : {}),
    ...(asOf === undefined ? {} : { asOf }),
    reachesApiServer: (workload) => reachesApiServer(parts.model(), workload),
    controlPlaneReaches: (workload) => controlPlaneReaches(parts.model(), workload),
    reaches: (from, to, ports) => reaches(parts.model(), from, to, ports),
    admits: (namespace, level) => admits(cluster, namespace, level),
    isWalled: (workload) => workload.specs.every((shape) => wallOf(cluster, shape) !== undefined),
    get dependencies() {
      return parts.dependencies()
    },
    isStore: (workload) => parts.stores().has(workload),
    applicationOf: (workload) => parts.applications().applicationOf(workload)?.id,
    mountsToken: (workload, shape) => mountedToken(cluster, workload, shape),
    guards: (namespace) => guardsOf(cluster, cluster.namespaces.get(namespace)),
    guardsAgainst: (namespace, kind) => guardsOf(cluster, cluster.namespaces.get(namespace), kind),
    hostVolumes: () => hostVolumes(cluster),
    nodeReads: (workload) => nodeReads(cluster, known, workload),
    chosenLabels: (namespace) => chosenLabels(parts.model(), namespace),
    authorizes: (request) => serviceAccountMay(policyOf(cluster), request),
    reachesAddress: (workload, address, port) => reachesAddress(parts.model(), workload, address, port),
    exposures: () => exposuresOf(parts.model()),
    facesOutside: (object, product) => facesOutside(parts.model(), object, product),
    openings: () => openingsOf(parts.model()),
    policy: () => policyOf(cluster),
  }
  return known
}

export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
