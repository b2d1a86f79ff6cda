import type { RbacPolicy } from '../authz/policy.ts'
import type { ServiceAccountRequest } from '../authz/service-account.ts'
import type { Because } from '../cluster/because.ts'
import type { Dependencies } from '../cluster/external/external.ts'
import type { Truth } from '../cluster/labels.ts'
import type { PodSecurityLevel } from '../cluster/namespace.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Shape, Workload } from '../cluster/workload.ts'

/** An answer with its reasons. */
export interface Answer {
  readonly truth: Truth
  readonly because: readonly Because[]
}

/** A PersistentVolume that is a path of its node, and that makes root whoever may write there. */
export interface HostVolume {
  readonly object: KubeObject
  /** The id of the claim that it is bound to or reserved for; undefined while it is free. */
  readonly claim: string | undefined
  /** Ids of the nodes where it can be mounted. */
  readonly nodes: readonly string[] | 'any'
  readonly truth: 'yes' | 'unknown'
  readonly because: readonly Because[]
}

/** Nodes of the graph from where whoever chooses labels sends; undefined where the choice opens nothing more. */
export interface ChosenLabels {
  /** A pod of the namespace with labels of one's own choice. */
  readonly pod: string
  /** The namespace's labels are chosen as well. */
  readonly namespace: string | undefined
  /** A pod of the namespace once its NetworkPolicies are gone, whatever its labels. */
  readonly unguarded: string | undefined
}

/** A Secret, or a service account for which tokens are asked, that the API server gives to the node of a pod. */
export interface NodeRead {
  readonly to: string
  readonly truth: Exclude<Truth, 'no'>
  readonly because: readonly Because[]
}

/** A group that a user is in, by the word of a directory or of records. */
export interface KnownMembership {
  readonly group: string
  readonly because: readonly Because[]
}

/** A way from the internet to a workload. */
export interface Exposed {
  /** `exposed-ingress`, `exposed-load-balancer`, … */
  readonly kind: string
  readonly workload: string
  readonly truth: Exclude<Truth, 'no'>
  /** The id of the object that opens it. */
  readonly rule: string
  readonly because: readonly Because[]
}

/** A workload that a new way in from outside would lead to. */
export interface Opened {
  readonly to: string
  /** Of a contact: on a port that it is known to serve, or on another. */
  readonly chance: number
  readonly truth: Exclude<Truth, 'no'>
  readonly because: readonly Because[]
}

/** Routes that are served under names that routes of other namespaces have as well. */
export interface SharedNames {
  /** `names of ingress-nginx`: equal for all that stand together. */
  readonly name: string
  /** Whether routes of a namespace may be among them, and have others than their own beside them. */
  takes(namespace: string): Truth
  /** The workloads that these routes lead to. */
  readonly served: readonly Opened[]
}

/** What a new object of a kind by which traffic comes in could lead to. */
export interface Opening {
  readonly kind: string
  readonly group: string
  readonly resource: string
  /** Whether a way in takes objects of the namespace. */
  takes(namespace: string): boolean
  /** The workloads of a namespace, behind Services that are there or new. */
  pods(namespace: string): readonly Opened[]
  /** The workloads behind the Services that it may refer to, those of other namespaces by their grants included. */
  services(namespace: string): readonly Opened[]
  /** The workloads behind the Services of a namespace, once a grant there opens them to routes of another. */
  granted(namespace: string): readonly Opened[]
  shared(): readonly SharedNames[]
}

export interface Openings {
  readonly routes: readonly Opening[]
  /** Every workload, as what endpoints that are written by hand may name. */
  anywhere(): readonly Opened[]
}

/** What engines know of each other's findings without importing each other; `loop.ts` wires it. */
export interface Known {
  /** Whether a pod of the workload can open a connection to the API server, or send its token where one can. */
  reachesApiServer(workload: Workload): Answer
  /** Whether the network policies (or what admits connections otherwise) let the API server connect to the workload. */
  controlPlaneReaches(workload: Workload): Answer
  /** Whether admission lets a pod of this Pod Security level be created in the namespace. */
  admits(namespace: string, level: PodSecurityLevel): Answer
  /** Whether a user namespace or a sandbox stands between each pod of the workload and the kernel of its node. */
  isWalled(workload: Workload): boolean
  /** Whether a connection from one workload to another is admitted, to any of these ports (all, when empty). */
  reaches(from: Workload, to: Workload, ports: readonly number[]): Answer
  /** What workloads are configured to connect to, and with which credentials. */
  readonly dependencies: Dependencies
  /** Whether the workload keeps data: a database, a queue, or anything with a claim. */
  isStore(workload: string): boolean
  /** Whether a pod of this shape mounts a token that the API server takes. */
  mountsToken(workload: Workload, shape: Shape): Answer
  /** The id of the application that a workload belongs to. */
  applicationOf(workload: string): string | undefined
  /** By the id of a user that a binding names; absent where nothing tells of groups. */
  readonly memberships?: ReadonlyMap<string, readonly KnownMembership[]>
  /** Milliseconds since 1970, for credentials that end; absent where nothing is taken to have ended. */
  readonly asOf?: number | undefined
  /** Whether the service account may do this in its own namespace (RBAC). */
  authorizes(request: ServiceAccountRequest): Answer
  /** What may refuse a privileged pod in the namespace besides its Pod Security label. */
  guards(namespace: string): readonly KubeObject[]
  /** What may refuse objects of another kind in the namespace. */
  guardsAgainst(namespace: string, kind: Pick<Opening, 'kind' | 'group' | 'resource'>): readonly KubeObject[]
  /** PersistentVolumes by which a pod that admission lets pass has its node. */
  hostVolumes(): readonly HostVolume[]
  /** What the Node authorizer lets a node have for the sake of the workload's pods on it. */
  nodeReads(workload: Workload): readonly NodeRead[]
  /** From where in the network a pod with labels of one's own choice sends. */
  chosenLabels(namespace: string): ChosenLabels
  /** Whether a pod of the workload can open a connection to this address and TCP port outside the pod network. */
  reachesAddress(workload: Workload, address: string, port: number): Answer
  /** The workloads that the internet reaches, and through what. */
  exposures(): readonly Exposed[]
  /**
   * Whether what an Ingress, a Gateway or a Service of type LoadBalancer asks for is on the internet, whatever stands
   * behind it; of other objects whether the proxies of `product` are.
   */
  facesOutside(object: KubeObject, product: string | undefined): Answer
  /** What whoever writes Services and routes could lead to from outside. */
  openings(): Openings
  /** What RBAC grants. */
  policy(): RbacPolicy
}
