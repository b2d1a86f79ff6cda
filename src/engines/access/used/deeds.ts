import type { Access, RecordPlace } from '../../../history/history.ts'
import type { Fold } from '../../../history/pass.ts'

/** Requests that differ in nothing but their time: who, as whom, from where, what, and whether it was let through. */
export interface Deed {
  readonly user: string
  /** Who asked for it as that user; empty where nobody did. */
  readonly impersonator: string
  /** The last address, the only one that is not the client's word. */
  readonly source: string
  readonly agent: string
  /** Tokens and certificates, in the order in which they came; the first few of them. */
  readonly credentials: ReadonlySet<string>
  readonly pod: string
  /** Of the pod: that of its service account. */
  readonly podNamespace: string
  readonly workload: string
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly allowed: boolean
  readonly dryRun: boolean
  /** The answers, and how often each. */
  readonly codes: ReadonlyMap<number, number>
  readonly times: number
  readonly first: number
  readonly last: number
  readonly reason: string
  readonly place: RecordPlace
}

export interface DeedFold extends Fold {
  /** In the order of their first time. */
  deeds(): readonly Deed[]
  /** Requests that fitted and for which there was no room. */
  readonly left: number
}

type OpenDeed = { -readonly [Key in keyof Deed]: Deed[Key] } & {
  readonly codes: Map<number, number>
  readonly credentials: Set<string>
}

const MOST_DEEDS = 100_000
const MOST_CREDENTIALS = 20
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):/

export interface DeedOptions {
  readonly wants: (access: Access) => boolean
  readonly workloadOf: (namespace: string, pod: string) => string
}

/** Folds the requests that are wanted; requests of nobody (401) are none. */
export function deedFold({ wants, workloadOf }: DeedOptions): DeedFold {
  const deeds = new Map<string, OpenDeed>()
  let left = 0
  return {
    add(access) {
      if (access.code === 401 || !wants(access)) return
      const { user, impersonator, sources, userAgent, credential, pod, reason, time, code } = access
      const { verb, group, resource, subresource, namespace, path, dryRun } = access
      const allowed = access.decision === 'allow' || (access.decision === 'untold' && code !== 403)
      const source = sources.at(-1) ?? ''
      const name = access.name
      const asker = impersonator?.user ?? ''
      const key = JSON.stringify([
        user,
        asker,
        source,
        userAgent,
        pod?.name,
        verb,
        group,
        resource,
        subresource,
        namespace,
        name,
        path,
        allowed,
        dryRun,
      ])
      const known = deeds.get(key)
      if (known) {
        known.times++
        if (credential !== '' && known.credentials.size < MOST_CREDENTIALS) known.credentials.add(credential)
        known.first = Math.min(known.first, time)
        known.last = Math.max(known.last, time)
        known.codes.set(code, (known.codes.get(code) ?? 0) + 1)
        return
      }
      if (deeds.size >= MOST_DEEDS) {
        left++
        return
      }
      const podNamespace = pod ? (SERVICE_ACCOUNT.exec(asker === '' ? user : asker)?.[1] ?? '') : ''
      deeds.set(key, {
        user,
        impersonator: asker,
        source,
        agent: userAgent,
        credentials: new Set(credential === '' ? [] : [credential]),
        pod: pod?.name ?? '',
        podNamespace,
        workload: podNamespace === '' ? '' : workloadOf(podNamespace, pod?.name ?? ''),
        verb,
        group,
        resource,
        subresource,
        namespace,
        name,
        path: resource === '' ? path : '',
        allowed,
        dryRun,
        codes: new Map([[code, 1]]),
        times: 1,
        first: time,
        last: time,
        reason,
        place: { ...access.place },
      })
    },
    deeds: () => [...deeds.values()].sort((a, b) => a.first - b.first || (a.place.line < b.place.line ? -1 : 1)),
    get left() {
      return left
    },
  }
}

/** What is asked about: a kind of thing, one object of it or all, in one namespace or all. */
export interface Target {
  readonly group: string | undefined
  readonly resource: string
  readonly subresource: string
  readonly name: string
  readonly namespace: string | undefined
}

/**
 * Whether a request touched it: of one object also what reads or removes all of its kind at once (list, watch and
 * deletecollection without a name). What made it has no name for the authorizer, so that `created` tells it.
 */
export function touches(
  { group, resource, subresource, name, namespace }: Target,
  access: Access,
  created: (access: Access) => string,
): boolean {
  if (access.resource !== resource || (group !== undefined && access.group !== group)) return false
  if (subresource !== '' && access.subresource !== subresource) return false
  const isCollection = access.name === '' && access.verb !== 'create'
  if (namespace !== undefined && access.namespace !== namespace && !(isCollection && access.namespace === ''))
    return false
  if (name === '' || access.name === name) return true
  return access.name === '' && access.subresource === '' && (isCollection || created(access) === name)
}
