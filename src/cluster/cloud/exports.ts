import type { Because } from '../because.ts'
import type { Json } from '../json.ts'
import type { Taint } from '../node.ts'
import type { AzureExports } from './azure-exports.ts'
import type { GcpExports } from './gcp-exports.ts'

/** What exports of clouds say, as plain data; `from` is the sentence with its place, for whoever answers by it. */
export interface CloudExports {
  readonly aws: AwsExports
  readonly eks: EksExports
  readonly gcp: GcpExports
  readonly azure: AzureExports
  readonly nodes: NodeExports
}

export interface NodeExports {
  readonly limits: readonly NodeLimit[]
  readonly pools: readonly NodePool[]
}

/** A pool of nodes as an export describes it. */
export interface NodePool {
  readonly name: string
  /** Machine types that its nodes may have. */
  readonly types: readonly string[]
  /** How many nodes it has, or at least has, as of the export. */
  readonly now: number
  readonly labels: ReadonlyMap<string, string>
  readonly taints: readonly Taint[]
  /** Pods of one node, where it says. */
  readonly maxPods: number | undefined
  readonly from: Because
}

/** The most that a cloud lets nodes of a cluster be: of a pool, or of all where it names none. */
export interface NodeLimit {
  readonly pool?: string
  /** `nodes` are counted; `cpu` in cores, `memory` in GiB. */
  readonly resource: 'nodes' | 'cpu' | 'memory'
  readonly max: number
  readonly from: Because
}

export interface AwsExports {
  readonly roles: readonly AwsRole[]
  readonly users: readonly AwsUser[]
  readonly groups: readonly AwsGroup[]
  /** Documents of managed policies, by ARN: the default version of each. */
  readonly managed: ReadonlyMap<string, Json>
  readonly controls: readonly ControlPolicy[]
  /** What is above an account or a unit: `111122223333` → `ou-ab12-11111111`, and so up to `r-ab12`. */
  readonly parents: ReadonlyMap<string, string>
  /** Ids of all policies of a type that hang at a root, a unit or an account, by `SCP r-ab12`. */
  readonly attached: ReadonlyMap<string, readonly string[]>
  readonly roots: readonly OrganizationRoot[]
  /** Ids of organisations by their management accounts. */
  readonly organizations: ReadonlyMap<string, string>
}

export interface OrganizationRoot {
  readonly id: string
  /** Types of policies that are switched on: `SERVICE_CONTROL_POLICY`. */
  readonly enabled: readonly string[]
}

/** A policy of a principal; without a document it is managed, and looked up by its ARN. */
export interface IamPolicy {
  readonly name: string
  readonly arn?: string
  readonly document?: Json
}

export interface AwsRole {
  readonly arn: string
  /** `AROA…`, by which trust policies name principals that are gone. */
  readonly id?: string
  readonly name: string
  /** AssumeRolePolicyDocument. */
  readonly trust?: Json
  readonly policies: readonly IamPolicy[]
  /** Whether the export tells the role's policies at all: `list-roles` does not. */
  readonly toldPolicies: boolean
  /** ARN of the permissions boundary. */
  readonly boundary?: string
  readonly instanceProfiles: readonly string[]
  readonly tags: ReadonlyMap<string, string>
  readonly from: Because
}

export interface AwsUser {
  readonly arn: string
  /** `AIDA…`. */
  readonly id?: string
  readonly name: string
  readonly policies: readonly IamPolicy[]
  readonly groups: readonly string[]
  readonly boundary?: string
  readonly from: Because
}

export interface AwsGroup {
  readonly arn: string
  readonly name: string
  readonly policies: readonly IamPolicy[]
  readonly from: Because
}

/** A service or resource control policy of an organisation. */
export interface ControlPolicy {
  readonly type: 'SCP' | 'RCP'
  /** `p-1a2b3c4d`; undefined where the export does not tell. */
  readonly id?: string
  readonly name: string
  readonly document: Json
  /** Ids of accounts, units and roots; empty where the export does not tell. */
  readonly targets: readonly string[]
  readonly from: Because
}

export interface EksExports {
  readonly clusters: readonly EksCluster[]
  readonly entries: readonly AccessEntry[]
  readonly associations: readonly AccessPolicyAssociation[]
  readonly podIdentities: readonly PodIdentity[]
  readonly metadata: readonly InstanceMetadata[]
}

export type AuthenticationMode = 'CONFIG_MAP' | 'API_AND_CONFIG_MAP' | 'API'

export interface EksCluster {
  readonly name: string
  readonly arn?: string
  readonly mode?: AuthenticationMode
  /** Of service account tokens, without its scheme, as trust policies name it. */
  readonly issuer?: string
  readonly from: Because
}

export interface AccessEntry {
  /** Undefined where the form does not tell, as `list-access-entries`. */
  readonly cluster?: string
  readonly principal: string
  readonly username?: string
  /** Undefined where the form does not tell. */
  readonly groups?: readonly string[]
  /** STANDARD, EC2_LINUX, FARGATE_LINUX, … */
  readonly type?: string
  readonly from: Because
}

export interface AccessPolicyAssociation {
  readonly cluster?: string
  readonly principal: string
  /** The name: `AmazonEKSViewPolicy`. */
  readonly policy: string
  /** Namespaces, in which `*` stands for any characters; undefined: the whole cluster. */
  readonly namespaces?: readonly string[]
  readonly from: Because
}

export interface PodIdentity {
  readonly cluster?: string
  readonly namespace: string
  readonly account: string
  /** Undefined of `list-pod-identity-associations`, which does not tell it. */
  readonly role?: string
  readonly from: Because
}

/** What an instance, or a launch template, says of the instance metadata service. */
export interface InstanceMetadata {
  /** Private DNS name of an instance: the name of its node. */
  readonly node?: string
  readonly instance?: string
  /** ARN of the instance profile. */
  readonly profile?: string
  readonly hopLimit?: number
  readonly disabled: boolean
  readonly from: Because
}

export const NO_CLOUD: CloudExports = {
  aws: {
    roles: [],
    users: [],
    groups: [],
    managed: new Map(),
    controls: [],
    parents: new Map(),
    attached: new Map(),
    roots: [],
    organizations: new Map(),
  },
  eks: { clusters: [], entries: [], associations: [], podIdentities: [], metadata: [] },
  gcp: {
    bindings: [],
    roles: new Map(),
    denies: [],
    parents: new Map(),
    projects: new Map(),
    boundaries: [],
    boundaryBindings: [],
    machines: [],
    pools: [],
    compute: new Map(),
  },
  azure: {
    identities: [],
    federations: [],
    assignments: [],
    clusters: [],
    definitions: new Map(),
    servicePrincipals: new Map(),
    denials: [],
    members: [],
    groups: new Set(),
  },
  nodes: { limits: [], pools: [] },
}
