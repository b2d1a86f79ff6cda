import { covers, isSurelyAbove } from '../../../cluster/cloud/aks.ts'
import type { AzureDenial, AzureExports, AzureNamed } from '../../../cluster/cloud/azure-exports.ts'
import { type Answer, both, either, not } from '../aws/answer.ts'
import type { AzureGroups } from './groups.ts'
import { type AzureOperation, holds, servedBy } from './permits.ts'

/** Who is denied something: a principal by the id of its object; without one, anybody who gives himself roles. */
export interface AzureWho {
  readonly id?: string
  readonly isGroup?: boolean
}

/** Azure makes few; of a hostile export the others may deny anything. */
const MOST = 2_000
const EVERYBODY = '00000000-0000-0000-0000-000000000000'

export interface Denied {
  readonly answer: Answer
  readonly by: readonly AzureDenial[]
}

const NOTHING: Denied = { answer: 'no', by: [] }

/** What deny assignments take away, whatever roles permit (Azure RBAC, How Azure RBAC determines access). */
export class AzureDenials {
  readonly #all: readonly AzureDenial[]
  readonly #isTooMany: boolean
  readonly #groups: AzureGroups
  readonly #of = new Map<string, ReadonlyMap<AzureDenial, Answer>>()
  readonly #at = new Map<string, readonly (readonly [AzureDenial, Answer])[]>()

  constructor({ denials }: Pick<AzureExports, 'denials'>, groups: AzureGroups) {
    this.#all = denials.slice(0, MOST)
    this.#isTooMany = denials.length > MOST
    this.#groups = groups
  }

  /** Whether an operation on a resource is denied to somebody: what covers all of the resource, not parts below it. */
  ask(who: AzureWho, operation: AzureOperation, resource: string): Denied {
    if (this.#all.length === 0) return NOTHING
    const about = this.#about(who)
    let answer: Answer = this.#isTooMany ? 'maybe' : 'no'
    const by: AzureDenial[] = []
    for (const [denial, reaches] of this.#covering(resource)) {
      const named = both(about.get(denial) ?? 'no', reaches)
      if (named === 'no' || !denial.permissions.some((each) => holds(each, operation))) continue
      by.push(denial)
      answer = either(answer, named)
    }
    return { answer, by }
  }

  /** Whether all that a cluster serves is denied to somebody; `maybe` where a part of it is. */
  askData(who: AzureWho, cluster: string): Denied {
    if (this.#all.length === 0) return NOTHING
    const about = this.#about(who)
    let answer: Answer = this.#isTooMany ? 'maybe' : 'no'
    const by: AzureDenial[] = []
    for (const [denial, reaches] of this.#covering(cluster)) {
      const named = both(about.get(denial) ?? 'no', reaches)
      const serves = named === 'no' ? undefined : servedBy(denial.permissions)
      if (serves === undefined) continue
      by.push(denial)
      answer = either(answer, serves === 'all' ? named : 'maybe')
    }
    return { answer, by }
  }

  #covering(resource: string): readonly (readonly [AzureDenial, Answer])[] {
    const key = resource.toLowerCase().replace(/\/$/, '')
    const known = this.#at.get(key)
    if (known) return known
    const made = this.#all.flatMap((denial): readonly (readonly [AzureDenial, Answer])[] => {
      const { scope, isHereOnly, isConditional } = denial
      if (isHereOnly ? scope.toLowerCase().replace(/\/$/, '') !== key : !covers(scope, resource)) return []
      return [[denial, isConditional || !(isHereOnly || isSurelyAbove(scope)) ? 'maybe' : 'yes']]
    })
    this.#at.set(key, made)
    return made
  }

  #about(who: AzureWho): ReadonlyMap<AzureDenial, Answer> {
    const key = `${who.isGroup === true} ${who.id?.toLowerCase() ?? ''}`
    const known = this.#of.get(key)
    if (known) return known
    const made = new Map<AzureDenial, Answer>()
    for (const denial of this.#all) {
      const named = this.#among(denial.principals, who)
      if (named === 'no') continue
      // Of a group, or of anybody, one may be excepted who is not known.
      const isLoose = who.id === undefined || who.isGroup === true
      const others = isLoose && denial.excluded.length > 0 ? 'maybe' : 'no'
      made.set(denial, both(named, not(either(this.#among(denial.excluded, who), others))))
    }
    this.#of.set(key, made)
    return made
  }

  #among(all: readonly AzureNamed[], who: AzureWho): Answer {
    return all.reduce<Answer>((found, each) => either(found, this.#is(each, who)), 'no')
  }

  #is({ id, isGroup }: AzureNamed, who: AzureWho): Answer {
    if (id === EVERYBODY) return 'yes'
    if (who.id === undefined) return 'maybe'
    if (id.toLowerCase() === who.id.toLowerCase()) return 'yes'
    // What is denied to one of its members is the group’s still.
    if (isGroup === false) return 'no'
    return this.#groups.isIn(who.id, id)
  }
}
