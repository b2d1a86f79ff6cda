import type { RbacPolicy } from '../../../authz/policy.ts'
import type { Access } from '../../../history/history.ts'

/** More reasons than bindings times subjects are made up. */
const MOST_REASONS = 20_000

export interface LastUse {
  times: number
  last: number
}

/** When bound subjects last did anything that they were allowed to, and which bindings allowed something. */
export class LastSeen {
  /** By user name. */
  readonly users = new Map<string, LastUse>()
  readonly groups = new Map<string, LastUse>()
  readonly reasons = new Map<string, LastUse>()
  /** Whether the log says by which binding something was allowed. */
  tellsReasons = false
  readonly #byGroups = new Map<string, readonly LastUse[]>()
  #lastGroups: readonly string[] | undefined
  #lastUses: readonly LastUse[] = []

  constructor(policy: RbacPolicy) {
    for (const { kind, namespace, name } of policy.subjects.values()) {
      if (kind === 'Group') this.groups.set(name, { times: 0, last: 0 })
      else
        this.users.set(kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name, {
          times: 0,
          last: 0,
        })
    }
  }

  add(access: Access, isAllowed: boolean): void {
    if (!isAllowed || access.dryRun) return
    const { time, user, impersonator, groups, reason } = access
    use(this.users.get(user), time)
    if (impersonator) use(this.users.get(impersonator.user), time)
    for (const each of this.#usesOf(groups)) use(each, time)
    if (impersonator) for (const each of this.#usesOf(impersonator.groups)) use(each, time)
    if (reason === '') return
    const known = this.reasons.get(reason)
    if (known) use(known, time)
    else if (this.reasons.size < MOST_REASONS) {
      this.reasons.set(reason, { times: 1, last: time })
      this.tellsReasons = true
    }
  }

  /** Those of the groups that are bound. One list of groups stands on many records. */
  #usesOf(groups: readonly string[]): readonly LastUse[] {
    if (groups === this.#lastGroups) return this.#lastUses
    const key = groups.join('\n')
    let uses = this.#byGroups.get(key)
    if (!uses) {
      if (this.#byGroups.size >= MOST_REASONS) this.#byGroups.clear()
      uses = groups.flatMap((group) => this.groups.get(group) ?? [])
      this.#byGroups.set(key, uses)
    }
    this.#lastGroups = groups
    this.#lastUses = uses
    return uses
  }
}

function use(seen: LastUse | undefined, time: number): void {
  if (!seen) return
  seen.times++
  if (time > seen.last) seen.last = time
}
