import type { Granted } from '../../../authz/authorizers.ts'
import type { PolicyRule, Subject } from '../../../cluster/rbac.ts'
import { type Told, toldOf, toldOfDoubts } from './told.ts'
import type { AccessView, KnownRequester } from './view.ts'

/** One rule that holds for a requester, with all that gives it. */
export interface HeldRule {
  /** Where it holds; empty: everywhere. */
  readonly namespace: string
  readonly rule: PolicyRule
  readonly grants: readonly PartGranted[]
}

/** What of the rule's verbs one grant gives. */
export interface PartGranted {
  readonly granted: Granted
  readonly verbs: readonly string[]
}

export interface HeldRules {
  readonly requester: KnownRequester
  readonly rules: readonly HeldRule[]
  readonly unknowns: readonly Told[]
}

/** A rule over more groups times resources times names than these is shown as it is written. */
const MOST_PARTS = 64

/**
 * All that a subject may: in a namespace, or (undefined) in any. Rules are taken apart into one group and resource each,
 * and their verbs joined, as kubectl shows a SelfSubjectRulesReview; nothing is left out of it.
 */
export function rulesOfSubject(view: AccessView, subject: Subject, namespace: string | undefined): HeldRules {
  const requester = view.requesterOf(subject)
  const found = new Map<string, Joined>()
  const all: Granted[] = []
  for (const authorizer of view.authorizers) {
    for (const granted of authorizer.rulesFor(requester, namespace)) {
      all.push(granted)
      for (const part of partsOf(granted.rule)) join(found, granted, part)
    }
  }
  const rules = [...found.values()].map(({ part, verbs, grants, namespace: where }) => ({
    namespace: where,
    rule: { ...part, verbs: inOrder(verbs) },
    grants: [...grants.values()].map(({ granted, verbs: some }) => ({ granted, verbs: inOrder(some) })),
  }))
  return {
    requester,
    rules: rules.sort(byPlace),
    unknowns: [...toldOf(view, requester, namespace, all), ...toldOfDoubts(view, requester, namespace)],
  }
}

interface Joined {
  readonly namespace: string
  readonly part: PolicyRule
  readonly verbs: Set<string>
  readonly grants: Map<string, { readonly granted: Granted; readonly verbs: Set<string> }>
}

function join(found: Map<string, Joined>, granted: Granted, part: PolicyRule): void {
  const { verbs, ...rest } = part
  const key = JSON.stringify([granted.namespace, rest])
  let joined = found.get(key)
  if (!joined) {
    joined = { namespace: granted.namespace, part, verbs: new Set(), grants: new Map() }
    found.set(key, joined)
  }
  for (const verb of verbs) joined.verbs.add(verb)
  const by = `${granted.authorizer}/${granted.grant?.binding.object.id ?? ''}/${granted.grant?.rule ?? ''}/${granted.subject.kind}/${granted.subject.namespace}/${granted.subject.name}`
  const same = joined.grants.get(by)
  if (same) for (const verb of verbs) same.verbs.add(verb)
  else joined.grants.set(by, { granted, verbs: new Set(verbs) })
}

function partsOf(rule: PolicyRule): readonly PolicyRule[] {
  const { apiGroups, resources, nonResourceURLs } = rule
  if (nonResourceURLs.length > 0)
    return nonResourceURLs.length > MOST_PARTS
      ? [rule]
      : nonResourceURLs.map((url) => ({ ...rule, nonResourceURLs: [url] }))
  if (apiGroups.length * resources.length > MOST_PARTS) return [rule]
  return apiGroups.flatMap((group) =>
    resources.map((resource) => ({
      ...rule,
      apiGroups: [group],
      resources: [resource],
      resourceNames: [...new Set(rule.resourceNames)].sort(),
    })),
  )
}

const VERBS = ['*', 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

function inOrder(verbs: ReadonlySet<string>): readonly string[] {
  const rank = (verb: string): number => (VERBS.includes(verb) ? VERBS.indexOf(verb) : VERBS.length)
  return [...verbs].sort((a, b) => rank(a) - rank(b) || compare(a, b))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Everywhere first; resources by group before URLs; what all names have before what one has. */
function byPlace(a: HeldRule, b: HeldRule): number {
  return (
    compare(a.namespace, b.namespace) ||
    a.rule.nonResourceURLs.length - b.rule.nonResourceURLs.length ||
    compare(a.rule.apiGroups.join(), b.rule.apiGroups.join()) ||
    compare(a.rule.resources.join(), b.rule.resources.join()) ||
    compare(a.rule.resourceNames.join(), b.rule.resourceNames.join()) ||
    compare(a.rule.nonResourceURLs.join(), b.rule.nonResourceURLs.join())
  )
}
