import type { ServiceAccountRequest } from '../authz/service-account.ts'
import type { Because } from '../cluster/because.ts'
import type { Dependencies } from '../cluster/external/external.ts'
import type { Truth } from '../cluster/labels.ts'
import type { PodSecurityLevel } from '../cluster/namespace.ts'
import type { Shape, Workload } from '../cluster/workload.ts'

/** An answer with its reasons. */
export interface Answer {
  readonly truth: Truth
  readonly because: readonly Because[]
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
  /** Whether the service account may do this in its own namespace (RBAC). */
  authorizes(request: ServiceAccountRequest): Answer
}
