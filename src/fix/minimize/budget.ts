/** A rule by which more is granted than was used, told with what it costs. */
export interface Generalised {
  /** The id of the rule (docs/guides/least-privilege.md). */
  readonly rule: GeneralRule
  /** To whom: `sa:shop/web`. */
  readonly subject: string
  /** What was made general: `get pods in shop: any name`. */
  readonly what: string
  readonly why: string
  /** Rights (verb, group, resource, namespace) of single subjects that are granted and were not used. */
  readonly spare: number
}

export type GeneralRule =
  | 'ephemeral-names'
  | 'many-names'
  | 'relist'
  | 'informer-get'
  | 'group'
  | 'namespaces-by-label'
  | 'every-namespace'
  | 'url-prefix'
  | 'unknown-signer'

/** What general rules may grant beyond what was used, all of them together. */
export class Budget {
  readonly most: number
  spent = 0

  /** `share`: of all rights that were used. */
  constructor(used: number, share: number) {
    this.most = Math.floor(used * share + 1e-9)
  }

  /** Whether there is room; then it is taken. `most`: of what is worth less than others, by which it must leave some. */
  take(spare: number, most = this.most): boolean {
    if (this.spent + spare > most) return false
    this.spent += spare
    return true
  }
}
