import type { PolicyDocument } from './document.ts'

/** A user or a role as an export tells it. */
export interface AwsPrincipal {
  readonly arn: string
  /** `AIDA…`, `AROA…`: what a policy names once the principal was deleted and made again. */
  readonly id?: string
  readonly tags: ReadonlyMap<string, string>
  /** Inline and attached, of a user also those of its groups. */
  readonly policies: readonly PolicyDocument[]
  readonly boundary?: PolicyDocument
  /** Of a role: who may assume it. */
  readonly trust?: PolicyDocument
  /** ARNs of attached policies whose document the export does not hold. */
  readonly unread?: readonly string[]
}

export interface AwsResource {
  readonly account?: string
  /** Undefined: not known; null: there is none. */
  readonly policy?: PolicyDocument | null
  readonly tags?: ReadonlyMap<string, string>
}

export interface AwsAccount {
  readonly organization?: string
  /** `o-a1b2/r-ab12/ou-ab12-1111/`. */
  readonly path?: string
  /** The management account is not subject to service control policies, nor its resources to resource control policies. */
  readonly management?: boolean
  /** Service control policies: one list for each level, from the root to the account. Undefined: not known. */
  readonly scps?: readonly (readonly PolicyDocument[])[]
  readonly rcps?: readonly (readonly PolicyDocument[])[]
}

/** What was exported of AWS; what a map does not hold is not known. */
export interface AwsWorld {
  readonly principals: ReadonlyMap<string, AwsPrincipal>
  readonly resources: ReadonlyMap<string, AwsResource>
  readonly accounts: ReadonlyMap<string, AwsAccount>
}

export const NOTHING_KNOWN: AwsWorld = { principals: new Map(), resources: new Map(), accounts: new Map() }
