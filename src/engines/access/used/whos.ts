import type { RbacPolicy } from '../../../authz/policy.ts'
import { implicitGroups, subjectIdsOf } from '../../../authz/subjects.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import type { Tally } from '../../seen.ts'
import { type AccessBehaviour, OTHERS, type Who } from './behaviour.ts'
import type { OpenNames } from './names.ts'
import type { OpenReason } from './reasons.ts'

/** Users with their groups and workloads; twice as many where they are bound by name, or are service accounts. */
const MAX_WHOS = 50_000
/** Of pods and group sets; a new one only costs a second look. */
const MAX_CALLERS = 100_000
const MAX_GROUP_SETS = 8
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/

export type OpenBehaviour = Omit<AccessBehaviour & Tally, 'names' | 'reasons'> & {
  names?: OpenNames
  reasons?: OpenReason[]
}

/** Someone while a log is read. */
export interface OpenWho extends Who {
  readonly index: number
  readonly behaviours: OpenBehaviour[]
  readonly impersonations: OpenBehaviour[]
  /** Behaviour that has more to tell apart than `byKind` does. */
  readonly byKey: Map<string, OpenBehaviour>
  /** By verb and kind of thing, then by namespace. */
  readonly byKind: Map<number, Map<string, OpenBehaviour>>
  urls: number
  refused: number
  refusedMore: boolean
  dropped: Tally | undefined
}

export interface Whos {
  /** `pod`: the name of the pod whose token came; empty where there is none. */
  of(user: string, groups: readonly string[], pod: string): OpenWho
  /** Whether this is everyone for whom there was no room. */
  isOthers(who: OpenWho): boolean
  all(): readonly OpenWho[]
}

interface Caller {
  readonly groups: readonly string[]
  readonly byPod: Map<string, OpenWho>
}

/** Tells apart who asks, in bounded memory. `workloadOf`: of a pod, by its namespace and name; empty where that is not known. */
export function whosOf(policy: RbacPolicy, workloadOf: (namespace: string, pod: string) => string): Whos {
  const whos = new Map<string, OpenWho>()
  const callers = new Map<string, Caller[]>()
  const otherIds = new Set<string>()
  let others: OpenWho | undefined
  let seen = 0

  /** As whom they are bound is kept, and that they did something. */
  const other = (ids: readonly string[]): OpenWho => {
    for (const id of ids) {
      if (otherIds.has(id) || otherIds.size >= MAX_CALLERS) continue
      if (policy.bindingsOf(id).length > 0 || id.startsWith('ServiceAccount/')) otherIds.add(id)
    }
    others ??= open(-1, 'users beyond those that are kept', [], OTHERS, [], '', false)
    return others
  }

  const intern = (user: string, groups: readonly string[], pod: string): OpenWho => {
    const account = SERVICE_ACCOUNT.exec(user)
    const workload = account && pod !== '' ? workloadOf(account[1] as string, pod) : ''
    const subject = subjectId({ kind: 'User', name: user, namespace: '' })
    const all = groups.length > 0 ? [...groups] : implicitGroups(subject)
    const key = JSON.stringify([user, all, workload, pod !== ''])
    let who = whos.get(key)
    if (!who) {
      const ids = subjectIdsOf({ user, groups: all })
      const isOwn = account !== null || policy.bindingsOf(subject).length > 0
      if (whos.size >= (isOwn ? 2 * MAX_WHOS : MAX_WHOS)) return other(ids)
      who = open(whos.size, user, all, subject, ids, workload, pod !== '')
      whos.set(key, who)
    }
    return who
  }

  return {
    of(user, groups, pod) {
      let sets = callers.get(user)
      let caller = sets?.find((each) => equal(each.groups, groups))
      if (!caller) {
        if (!sets || sets.length >= MAX_GROUP_SETS) {
          sets = []
          callers.set(user, sets)
        }
        caller = { groups: [...groups], byPod: new Map() }
        sets.push(caller)
      }
      let who = caller.byPod.get(pod)
      if (!who) {
        who = intern(user, groups, pod)
        caller.byPod.set(pod, who)
        if (++seen >= MAX_CALLERS) {
          callers.clear()
          seen = 0
        }
      }
      return who
    },
    isOthers: (who) => who === others,
    all: () => [...whos.values(), ...(others ? [{ ...others, ids: [...otherIds] }] : [])],
  }
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

function open(
  index: number,
  user: string,
  groups: readonly string[],
  subject: string,
  ids: readonly string[],
  workload: string,
  namesPod: boolean,
): OpenWho {
  return {
    index,
    user,
    groups,
    subject,
    ids,
    workload,
    namesPod,
    behaviours: [],
    impersonations: [],
    byKey: new Map(),
    byKind: new Map(),
    urls: 0,
    refused: 0,
    refusedMore: false,
    dropped: undefined,
  }
}
