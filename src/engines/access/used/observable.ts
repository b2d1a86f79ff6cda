import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Json, string } from '../../../cluster/json.ts'
import { droppedBy } from './audit-policy.ts'
import type { AccessFacts } from './fold.ts'

/** One verb on one kind of thing of one group (`pods/exec`; `*` for all), or on a URL, where `group` is undefined. */
export interface RightAtom {
  readonly verb: string
  readonly group: string | undefined
  readonly resource: string
  /** Empty: everywhere. */
  readonly namespace: string
  readonly url: string
}

const KUBELET = /^nodes\/(metrics|stats|log|proxy|pods|healthz|configz|checkpoint|\*)$/

export function isKubelets(resource: string): boolean {
  return KUBELET.test(resource)
}

const extensions = new WeakMap<Cluster, ReadonlySet<string>>()

/** API groups that servers of their own serve: they ask who may do what by SubjectAccessReviews. */
export function extensionGroups(cluster: Cluster): ReadonlySet<string> {
  const known =
    extensions.get(cluster) ??
    new Set(
      cluster
        .ofKind('APIService', 'apiregistration.k8s.io')
        .filter(({ body }) => at(body, 'spec', 'service', 'name') !== undefined)
        .flatMap(({ body }) => string(at(body, 'spec', 'group')) ?? []),
    )
  extensions.set(cluster, known)
  return known
}

/** The requests that a special verb is asked about in passing. */
const TRIGGERS: Readonly<Record<string, readonly [verb: string, group: string, resource: string]>> = {
  escalate: ['create', 'rbac.authorization.k8s.io', 'roles'],
  bind: ['create', 'rbac.authorization.k8s.io', 'rolebindings'],
  approve: ['update', 'certificates.k8s.io', 'certificatesigningrequests/approval'],
  sign: ['update', 'certificates.k8s.io', 'certificatesigningrequests/status'],
  attest: ['create', 'certificates.k8s.io', 'clustertrustbundles'],
}

/** The request whose record shows a use: the one in passing of which a special verb is asked about, or the right itself. */
export function shownBy(
  verb: string,
  group: string,
  resource: string,
): readonly [verb: string, group: string, resource: string] {
  return Object.hasOwn(TRIGGERS, verb) ? (TRIGGERS[verb] as (typeof TRIGGERS)[string]) : [verb, group, resource]
}

const NEVER_SHOWN = /^(use|request-serviceaccounts-token-audience|unsafe-delete-ignore-read-errors)$/

/** Verbs that only admission and the like ask about, of which no record tells. */
export function isNeverShown(verb: string): boolean {
  return NEVER_SHOWN.test(verb)
}

/** Impersonation is part of every event there is. */
export function isImpersonation(verb: string): boolean {
  return /^impersonate(:|-on:|$)/.test(verb)
}

/** Asked about when objects are made that others own, whoever makes them; the subresource need not be served. */
export function isFinalizers(resource: string): boolean {
  return resource.endsWith('/finalizers')
}

export const REVIEWS = ['authorization.k8s.io', 'subjectaccessreviews'] as const

/** What a source of requests could have shown. */
export interface Sight {
  readonly facts: AccessFacts
  readonly auditPolicy: Json | undefined
  /** Verbs that no form of the log that was read holds, whatever was done. */
  readonly hides: readonly string[]
  /** That some form of it does not tell as whom a request was done (rows of AKSAudit). */
  readonly hidesImpersonation?: boolean
  readonly extensionGroups: ReadonlySet<string>
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

/**
 * Why uses of a right may have left no record; undefined where they would have. Wildcards are asked about one by one: what
 * of them is not shown, not all of them.
 */
export function unseenBecause(
  { facts, auditPolicy, hides, hidesImpersonation, extensionGroups: custom }: Sight,
  { verb, group, resource, namespace, url }: RightAtom,
  asker: { readonly user: string | undefined; readonly groups: readonly string[] },
): string | undefined {
  if (group === undefined) {
    const dropped =
      auditPolicy && droppedBy(auditPolicy, { ...asker, verb, group, resource, namespace: undefined, url })
    if (dropped !== undefined) return `kept out of the log by ${dropped}`
    return reviewsShown(facts, auditPolicy) ? undefined : 'servers that ask for this by a review leave no record of it'
  }
  if (isImpersonation(verb))
    return hidesImpersonation ? 'this form of log does not tell as whom requests were done' : undefined
  if (isNeverShown(verb)) return 'no source shows its use'
  if (isFinalizers(resource)) return 'asked for in passing, which leaves no record'
  if ((isKubelets(resource) || custom.has(group)) && !reviewsShown(facts, auditPolicy))
    return 'checked by others, whose reviews are not in the log with their bodies'
  const [seenVerb, seenGroup, seenResource] = shownBy(verb, group, resource)
  if (auditPolicy !== undefined) {
    const place = namespace === '' ? undefined : namespace
    const request = { ...asker, verb: seenVerb, group: seenGroup, resource: seenResource, namespace: place, url: '' }
    const dropped = droppedBy(auditPolicy, request)
    return dropped === undefined ? undefined : `kept out of the log by ${dropped}`
  }
  if (hides.includes(seenVerb)) return `this form of log holds no ${seenVerb}`
  if (!READS.has(seenVerb)) return undefined
  return facts.shown.showsAny(READS) ? undefined : 'the log holds no read of anybody'
}

/** Whether every SubjectAccessReview would be in the log with its body. */
function reviewsShown({ silent, shown }: AccessFacts, auditPolicy: Json | undefined): boolean {
  if (silent.access) return false
  if (auditPolicy === undefined) return shown.shows('create', ...REVIEWS)
  const asked = { user: undefined, groups: [], verb: 'create', namespace: '', url: '' }
  return droppedBy(auditPolicy, { ...asked, group: REVIEWS[0], resource: REVIEWS[1] }) === undefined
}
