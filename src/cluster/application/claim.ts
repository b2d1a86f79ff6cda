import type { Because } from '../because.ts'
import type { Step } from './application.ts'
import { type Mark, say } from './places.ts'

/** Who names an application. */
export type Source =
  | 'configuration'
  | 'bulkhead'
  | 'application-cr'
  | 'backstage'
  | 'argocd'
  | 'flux-helm'
  | 'flux-kustomize'
  | 'part-of'
  | 'instance'
  | 'helm'
  | 'name'

/** One thing that says which application an object belongs to. */
export interface Claim {
  readonly step: Exclude<Step, 8>
  readonly source: Source
  /** Among the claims of one step the lowest rank wins. */
  readonly rank: number
  readonly name: string
  /**
   * Within what the name stands for one application. A label can be copied, so it says nothing beyond its namespace;
   * the configuration, a GitOps owner and a Helm release are each there once.
   */
  readonly scope: string
  readonly evidence: Mark | Because
}

export const IN_NAMESPACE = 'namespace'

export function becauseOf({ evidence }: Claim): Because {
  return 'text' in evidence ? evidence : say(evidence)
}

/** The label or annotation that a claim was read from. */
export function markOf({ evidence }: Claim): Mark | undefined {
  return 'text' in evidence ? undefined : evidence
}

/** Names are compared without surrounding space and regardless of case. */
export function normal(name: string): string {
  return name.trim().toLowerCase()
}

/** Two objects with one key belong to one application. */
export function keyOf(claim: Claim, namespace: string): string {
  const scope = claim.scope === IN_NAMESPACE ? `${IN_NAMESPACE}/${namespace}` : claim.scope
  return `${scope}/${normal(claim.name)}`
}

const MAX_NAME = 253

/** A name that can stand for an application: not a whole document, and not what a template engine has yet to fill in. */
export function isName(value: string | undefined): value is string {
  return value !== undefined && value.length <= MAX_NAME && value.trim() !== '' && !/\$[({]|\{\{|<</.test(value)
}

/** Whether two names may mean the same: equal, or one is the other with words before or after it (`shop`, `shop-prod`). */
export function agree(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [normal(a), normal(b)] : [normal(b), normal(a)]
  return short === long || words(long).startsWith(words(short)) || words(long).endsWith(words(short))
}

function words(name: string): string {
  return `-${name.replaceAll(/[^a-z0-9]+/g, '-')}-`
}
