import type { Because } from '../because.ts'
import type { Json } from '../json.ts'

export interface GcpExports {
  readonly bindings: readonly GcpBinding[]
  /** Permissions of roles that an export describes. */
  readonly roles: ReadonlyMap<string, readonly string[]>
  readonly denies: readonly GcpDenyPolicy[]
  /** What is above a resource, as exports name both, in any order: `projects/p` → `folders/1`, `organizations/9`. */
  readonly parents: ReadonlyMap<string, readonly string[]>
  /** Ids of projects by their numbers, which deny policies and pools of identities name them by. */
  readonly projects: ReadonlyMap<string, string>
  readonly boundaries: readonly GcpBoundary[]
  readonly boundaryBindings: readonly GcpBoundaryBinding[]
  readonly machines: readonly GcpMachine[]
  readonly pools: readonly GcpNodePool[]
  /** By the id of the project: the service account that machines get where none is named, and what all of them are told. */
  readonly compute: ReadonlyMap<string, { readonly account?: string; readonly osLogin?: boolean }>
}

/** A principal access boundary policy: the resources that those it is bound to may use at all. */
export interface GcpBoundary {
  /** `organizations/O/locations/global/principalAccessBoundaryPolicies/ID`. */
  readonly name: string
  /** `projects/P`, `folders/N`, `organizations/N`. */
  readonly resources: readonly string[]
  /** Of the set of permissions that it blocks: `3`, `latest`; undefined: not told. */
  readonly version?: string
  readonly from: Because
}

export interface GcpBoundaryBinding {
  /** The name of the policy. */
  readonly policy: string
  /** `//cloudresourcemanager.googleapis.com/projects/P`, `//iam.googleapis.com/…/workloadIdentityPools/P`. */
  readonly principalSet: string
  /** The expression. */
  readonly condition?: string
  readonly from: Because
}

/** An instance of Compute Engine. */
export interface GcpMachine {
  readonly project: string
  readonly zone: string
  readonly name: string
  /** Undefined: it has none. */
  readonly account?: string
  /** URLs of OAuth scopes that its tokens are limited to. */
  readonly scopes: readonly string[]
  readonly osLogin?: boolean
  readonly from: Because
}

/** A node pool of GKE, as far as its nodes have identities. */
export interface GcpNodePool {
  readonly name: string
  /** Of its cluster, where the form tells. */
  readonly project?: string
  /** How the names of its machines begin, as `projects/P/zones/Z/instances/gke-C-POOL-1a2b3c4d-`. */
  readonly prefixes: readonly string[]
  /** An e-mail, or `default`; undefined: not told. */
  readonly account?: string
  readonly scopes?: readonly string[]
  /** GKE_METADATA, GCE_METADATA; undefined: not told. */
  readonly metadata?: string
  /** Whether nobody but Google controls its machines (Autopilot). */
  readonly isAutopilot: boolean
  readonly from: Because
}

/** A deny policy of a project, a folder or an organisation. */
export interface GcpDenyPolicy {
  readonly name: string
  /** `projects/P`, where P may be an id or a number, `folders/N`, `organizations/N`. */
  readonly resource: string
  /** Undefined where the form names the policy alone, as `gcloud iam policies list` does. */
  readonly rules?: readonly GcpDenyRule[]
  readonly from: Because
}

/** Principals and permissions are in the forms of version 2 of the IAM API. */
export interface GcpDenyRule {
  readonly deniedPrincipals: readonly string[]
  readonly exceptionPrincipals: readonly string[]
  readonly deniedPermissions: readonly string[]
  readonly exceptionPermissions: readonly string[]
  /** The expression. */
  readonly condition?: string
}

/** One member of one binding. */
export interface GcpBinding {
  /** `projects/P`, or the full name of a resource; undefined where the export does not name what it is the policy of. */
  readonly resource?: string
  readonly role: string
  readonly member: string
  readonly condition?: Json
  readonly from: Because
}
