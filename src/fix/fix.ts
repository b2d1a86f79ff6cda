import type { RbacPolicy } from '../authz/policy.ts'
import type { Applications } from '../cluster/application/application.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Edit } from '../cluster/edit/change.ts'
import type { Dependencies } from '../cluster/external/external.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Edge } from '../engines/engine.ts'
import type { NetworkModel } from '../engines/network/model.ts'
import type { End } from '../history/history.ts'

/** One reviewable change of a cluster: what becomes of each object, and where the user's files say so. */
export interface Fix {
  /** Kebab-case, stable: the same fix of the same objects has it in every scan, and it can be the name of a file. */
  readonly id: string
  /** The file of `fix/` that proposes it. */
  readonly kind: string
  /** For people, imperative: `Give shop/frontend its own service account`. */
  readonly title: string
  readonly changes: readonly Change[]
  readonly witness: Witness
  /** The workload whose file new objects are put beside. */
  readonly serves?: string
  /**
   * Nodes of the graph whose edges may go although their evidence names no changed object (a NetworkPolicy that did not
   * exist is named by nothing). Only a hint of what is worth computing; what a fix cuts is always computed.
   */
  readonly around?: readonly string[]
  /** What a reviewer should know: what was assumed, what stays allowed and why. */
  readonly notes: readonly string[]
}

/** What of the recorded history can speak against a fix (docs/reference/proof.md). */
export type Witness =
  /** RBAC: every audit event of a subject. */
  | 'access'
  /** NetworkPolicy: every recorded connection. */
  | 'connections'
  /** Pod Security and admission: every recorded object, as to admission only. */
  | 'admission'
  /** A token that is no longer mounted: requests that carry the workload's pods. */
  | 'token'
  /** What a process does inside its container: no source records it. */
  | 'none'

export type Change =
  | { readonly action: 'edit'; readonly object: KubeObject; readonly edits: readonly Edit[]; readonly derived?: true }
  /** `derived`: a controller makes it so; it is changed where a snapshot holds it, and is nothing to apply. */
  | { readonly action: 'remove'; readonly object: KubeObject; readonly derived?: true }
  /** An object that did not exist. It has no origin. */
  | { readonly action: 'add'; readonly object: KubeObject }

/** Proposes fixes of one kind for a cluster as it stands. */
export interface Proposer {
  readonly kind: string
  propose(context: FixContext): Iterable<Fix>
}

/** What proposers see: one judged cluster, and what history shows to be used where there is one. */
export interface FixContext {
  readonly cluster: Cluster
  readonly applications: Applications
  readonly dependencies: Dependencies
  readonly policy: RbacPolicy
  readonly network: NetworkModel
  readonly edges: readonly Edge[]
  /** Workloads that can be reached from outside. */
  readonly exposed: ReadonlyMap<string, 'yes' | 'unknown'>
  readonly used?: Used
}

/** What recorded history shows to be used. Undefined answers mean that no source of that kind was given. */
export interface Used {
  /** Allowed, not dry-run requests of a subject (a node id: `User//alice`, `ServiceAccount/shop/ci`), those of groups by member. */
  rights(subject: string): readonly UsedRight[] | undefined
  /** Forwarded connections in which a workload was the client (`egress`) or the server (`ingress`). */
  peers(workload: string, direction: 'ingress' | 'egress'): readonly UsedPeer[] | undefined
}

export interface UsedRight {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  /** Only where some rule of the cluster names it in `resourceNames`; else empty. */
  readonly name: string
  /** Of a request that is for no resource. */
  readonly path: string
  readonly times: number
  readonly last: number
}

export interface UsedPeer {
  readonly end: End
  readonly protocol: string
  readonly port: number
  readonly times: number
  readonly last: number
}
