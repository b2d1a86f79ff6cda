import type { Because } from '../because.ts'

export interface AzureExports {
  readonly identities: readonly AzureIdentity[]
  readonly federations: readonly AzureFederation[]
  readonly assignments: readonly AzureAssignment[]
  readonly clusters: readonly AksCluster[]
  /** By their ids and by their names, as `roleKey` has them. */
  readonly definitions: ReadonlyMap<string, AzureRole>
  /** Client ids of service principals, by the ids of their objects in lower case. */
  readonly servicePrincipals: ReadonlyMap<string, string>
  readonly denials: readonly AzureDenial[]
  readonly members: readonly AzureMember[]
  /** Groups of Entra ID whose members are told whole, by their ids in lower case. */
  readonly groups: ReadonlySet<string>
}

/** A deny assignment. */
export interface AzureDenial {
  readonly name: string
  readonly scope: string
  readonly permissions: readonly AzurePermission[]
  readonly principals: readonly AzureNamed[]
  readonly excluded: readonly AzureNamed[]
  /** Whether it does not hold below its scope. */
  readonly isHereOnly: boolean
  /** Whether a condition narrows it, or whether it is enforced is not told. */
  readonly isConditional: boolean
  readonly from: Because
}

/** Whom a deny assignment names; a zero id stands for everybody. */
export interface AzureNamed {
  readonly id: string
  /** Undefined where the form does not tell. */
  readonly isGroup?: boolean
}

/** One member of one group of Entra ID, named by their ids. */
export interface AzureMember {
  readonly group: string
  readonly id: string
  /** The user principal name. */
  readonly name?: string
  readonly isGroup: boolean
  /** Whether it has to activate the membership first (Privileged Identity Management). */
  readonly isEligible?: boolean
  readonly from: Because
}

/** What a role definition permits; `*` stands for any characters. */
export interface AzureRole {
  readonly permissions: readonly AzurePermission[]
}

export interface AzurePermission {
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
  readonly dataActions: readonly string[]
  readonly notDataActions: readonly string[]
}

/** `az aks show`. */
export interface AksCluster {
  readonly id: string
  /** Nodes carry it as the label kubernetes.azure.com/cluster. */
  readonly nodeResourceGroup: string
  /** Whether Azure RBAC is asked besides RBAC of Kubernetes. */
  readonly azureRbac: boolean
  /** Whether users come in by Entra ID, with the ids of their groups; undefined: not told. */
  readonly entra?: boolean
  /** The client id of the identity that its nodes run as. */
  readonly kubelet?: string
  /** `None`: pods that are not on the host network get nothing of the metadata service; `IMDS`: they do. */
  readonly podLinkLocalAccess?: string
  readonly from: Because
}

export interface AzureIdentity {
  readonly id?: string
  readonly name: string
  readonly clientId: string
  readonly principalId?: string
  readonly from: Because
}

/** A federated credential: whose tokens are taken for an identity. */
export interface AzureFederation {
  /** Resource id of the managed identity, or undefined where the form does not tell. */
  readonly identity?: string
  readonly issuer: string
  readonly subject: string
  readonly from: Because
}

export interface AzureAssignment {
  readonly principalId: string
  /** The user principal name, or the id of an application. */
  readonly principalName?: string
  readonly isGroup: boolean
  readonly role: string
  readonly scope: string
  /** Whether a condition narrows what it permits. */
  readonly isConditional?: boolean
  /** Whether it has to be activated first (Privileged Identity Management). */
  readonly isEligible?: boolean
  readonly from: Because
}
