import type { Because } from '../../../cluster/because.ts'
import type { DirectoryPlace } from '../../../cluster/directory.ts'
import type { Sample } from '../signals/tally.ts'

export type HoldingKind =
  /** A binding that names the subject. */
  | 'binding'
  /** A binding that names a group that it is in. */
  | 'group-binding'
  | 'membership'
  /** Of a kind that is not known. */
  | 'credential'
  | 'certificate'
  | 'token'
  | 'access-key'
  /** A token of a service account that it asked for. */
  | 'minted-token'
  | 'token-secret'
  | 'kubeconfig'
  | 'cloud-mapping'
  | 'secret-read'
  | 'impersonation'
  /** Whoever else acts as it. */
  | 'impersonated'
  | 'made'
  | 'workload'

/** One thing that a subject has, or may still use. */
export interface Holding {
  readonly kind: HoldingKind
  /** For people, as a part of a sentence: `ClusterRole cluster-admin by ClusterRoleBinding admins`. */
  readonly title: string
  readonly binding?: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly role?: { readonly kind: string; readonly namespace: string; readonly name: string }
  /** `group:NAME`. */
  readonly via?: string
  readonly credential?: string
  /** `sa:NAMESPACE/NAME`. */
  readonly account?: string
  /** Milliseconds since 1970: before when it counts for nothing, where that is told. */
  readonly from?: number
  /** Milliseconds since 1970: until when it is alive. `never` ends; undefined: not known. */
  readonly until?: number | 'never'
  readonly first?: number
  readonly last?: number
  readonly times?: number
  readonly sources?: readonly string[]
  readonly agents?: readonly string[]
  readonly because: readonly Because[]
  readonly places: readonly (Sample | DirectoryPlace)[]
  /** What ends it: the change, or what is left to do. */
  readonly ends: 'change' | 'remaining' | 'nothing'
  /** What would end it, where its kind does not say. */
  readonly settle?: string
}

/** What the change cannot end, and who or what does. */
export interface Remaining {
  readonly kind: HoldingKind
  readonly message: string
  /** What would end it. */
  readonly settle: string
  readonly until?: number | 'never'
}
