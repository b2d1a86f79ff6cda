import type { Granted } from '../../../authz/authorizers.ts'
import { becauseOf } from '../../../authz/rbac.ts'
import { type Request, ruleAllows } from '../../../authz/rules.ts'
import { MASTERS, subjectIdsOf } from '../../../authz/subjects.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { spanOf } from '../../../cluster/expiry.ts'
import { idOf } from '../../../cluster/object.ts'
import { type Binding, type PolicyRule, subjectId } from '../../../cluster/rbac.ts'
import type { AccessView, KnownRequester } from './view.ts'
import type { Question } from './words.ts'

/** Something that an answer rests on, or that could change it. */
export interface Told {
  /** Stable, kebab-case. */
  readonly about:
    | 'groups-unknown'
    | 'group-left'
    | 'dangling-binding'
    | 'ended-binding'
    | 'invalid-date'
    | 'aggregated-role'
    | 'no-such-account'
    | 'no-bindings'
    | 'other-authorizer'
    | 'cloud-unknown'
    | 'pods-unknown'
  readonly message: string
  readonly because: readonly Because[]
}

const MOST = 10

/** What of the input makes the answer about one requester less than sure. `namespace` undefined: anywhere; with a question, only what bears on it. */
export function* toldOf(
  view: AccessView,
  requester: KnownRequester,
  namespace: string | undefined,
  grants: readonly Granted[],
  question?: Question,
): Generator<Told> {
  const ids = new Set(subjectIdsOf(requester))
  const names = (binding: Binding): boolean => binding.subjects.some((each) => ids.has(subjectId(each)))
  const applies = (binding: Binding): boolean =>
    binding.namespace === '' || namespace === undefined || binding.namespace === namespace
  for (const binding of new Set([...ids].flatMap((id) => view.policy.bindingsOf(id)))) {
    if (!applies(binding) || view.policy.roleOf(binding)) continue
    yield {
      about: 'dangling-binding',
      message: `${binding.kind} ${placeName(binding)} names it and refers to ${binding.roleKind} ${binding.roleName}, which is not in the input: it grants nothing, unless the cluster has it`,
      because: [because('refers to it', binding.object, ['roleRef'])],
    }
  }
  for (const { binding, why } of view.ended) {
    if (!applies(binding) || !names(binding)) continue
    const role = view.policy.roleOf(binding)
    const rule = question && role ? ruleFor(role.rules, binding, question) : undefined
    if (question && rule === undefined) continue
    yield {
      about: 'ended-binding',
      message: `${binding.kind} ${placeName(binding)} ${question ? 'would allow it' : 'names it'} and ${why}: it grants nothing`,
      because: [
        because(why, binding.object, ['metadata', 'annotations']),
        ...(role && rule !== undefined ? becauseOf({ binding, role, rule }) : []),
      ],
    }
  }
  for (const { group, seen } of requester.left)
    yield {
      about: 'group-left',
      message: `it was in the group ${group}${seen === undefined ? '' : ` until ${new Date(seen).toISOString()}`} and was seen later without it`,
      because: [],
    }
  yield* ofGrants(grants)
  const { subject } = requester
  if (subject.kind === 'ServiceAccount') {
    const id = idOf('ServiceAccount', subject.namespace, subject.name)
    if (!view.cluster.get(id) && view.cluster.wasListed('ServiceAccount'))
      yield {
        about: 'no-such-account',
        message: `the input lists service accounts and has no ${subject.namespace}/${subject.name}; whoever makes one of that name has its rights`,
        because: [],
      }
  }
  if (requester.user.startsWith('system:node:') && view.cluster.ofKind('Pod').length === 0)
    yield {
      about: 'pods-unknown',
      message: 'the input holds no pods, by which the Node authorizer tells what a node may read',
      because: [],
    }
}

function* ofGrants(grants: readonly Granted[]): Generator<Told> {
  const seen = new Set<unknown>()
  for (const { grant } of grants) {
    if (!grant) continue
    const { binding, role } = grant
    if (role.aggregation && !seen.has(role)) {
      seen.add(role)
      if (role.assumed || isSummedHere(role.object.body))
        yield {
          about: 'aggregated-role',
          message: `the rules of ClusterRole ${role.name} are the sum of those that its selectors choose in the input`,
          because: [because('sums up others', role.object, ['aggregationRule'])],
        }
    }
    if (seen.has(binding)) continue
    seen.add(binding)
    for (const { annotation, text, path } of spanOf(binding.object).invalid)
      yield {
        about: 'invalid-date',
        message: `${binding.kind} ${placeName(binding)} has ${annotation}: ${text}, which is no time: it ends nothing`,
        because: [because('is no time', binding.object, path)],
      }
  }
}

function isSummedHere(body: { readonly rules?: unknown }): boolean {
  return !Array.isArray(body.rules) || body.rules.length === 0
}

/** Of a denial: what else might allow it. */
export function* toldOfDenial(view: AccessView, requester: KnownRequester, question: Question): Generator<Told> {
  const { subject } = requester
  const isTold = requester.memberships.some((each) => each.from !== 'implicit')
  if (subject.kind === 'User' && !subject.name.startsWith('system:') && !isTold) {
    const granting = groupsThatMay(view, question).filter(
      (group) => group !== MASTERS && !requester.groups.includes(group),
    )
    if (granting.length > 0)
      yield {
        about: 'groups-unknown',
        message: `no source tells the groups of ${subject.name}; as a member of ${listed(granting)} it would be allowed (--group, --directory, --history)`,
        because: [],
      }
  }
  if (view.cluster.bindings.length === 0)
    yield { about: 'no-bindings', message: 'the input holds no bindings of its own', because: [] }
  yield* ofDoubts(view, requester, question)
  const provider = providerOf(view)
  if (provider !== undefined) yield provider
}

/** What a cloud may grant, which rests on a condition, a role or a place that no export tells. */
function* ofDoubts({ doubtful = [] }: AccessView, requester: KnownRequester, { asked }: Question): Generator<Told> {
  for (const authorizer of doubtful) {
    const told = doubtOf(
      authorizer.name,
      'may allow it',
      asked.flatMap(({ request }) => [...authorizer.grants(requester, request)].flatMap(({ because: why }) => why)),
    )
    if (told) yield told
  }
}

/** What a cloud may grant to one requester beside what it surely has. */
export function* toldOfDoubts(
  { doubtful = [] }: AccessView,
  requester: KnownRequester,
  namespace: string | undefined,
): Generator<Told> {
  for (const authorizer of doubtful) {
    const byReason = Map.groupBy(authorizer.rulesFor(requester, namespace), ({ because: why, namespace: place }) =>
      JSON.stringify([place, why.map(({ text }) => text)]),
    )
    for (const grants of byReason.values()) {
      const [first] = grants
      const place = first?.namespace ? ` in ${first.namespace}` : ''
      const told = doubtOf(
        authorizer.name,
        `may allow ${rulesText(grants.map(({ rule }) => rule))}${place}`,
        first?.because ?? [],
      )
      if (told) yield told
    }
  }
}

export function doubtOf(authorizer: string, what: string, why: readonly Because[]): Told | undefined {
  const reasons = new Set(why)
  if (reasons.size === 0) return undefined
  const [first, ...more] = [...new Set([...reasons].map(({ text }) => text))]
  return {
    about: 'cloud-unknown',
    message: `${authorizer} ${what}, by what no export tells: ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`,
    because: [...reasons].slice(0, MOST),
  }
}

const FEW_RULES = 3

function rulesText(rules: readonly PolicyRule[]): string {
  const texts = rules.map(({ verbs, resources, nonResourceURLs }) =>
    verbs.includes('*') && resources.includes('*')
      ? 'everything'
      : `${verbs.join(',')} on ${[...resources, ...nonResourceURLs].slice(0, FEW_RULES).join(', ')}${resources.length + nonResourceURLs.length > FEW_RULES ? ', …' : ''}`,
  )
  if (texts.includes('everything')) return 'everything'
  const more = texts.length - FEW_RULES
  return `${texts.slice(0, FEW_RULES).join('; ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** The first rule by which a binding would allow what is asked. */
function ruleFor(rules: readonly PolicyRule[], binding: Binding, { asked }: Question): number | undefined {
  const rule = rules.findIndex((each) =>
    asked.some(({ request }) => fits(binding, request) && ruleAllows(each, request)),
  )
  return rule < 0 ? undefined : rule
}

function fits(binding: Binding, request: Request): boolean {
  return binding.namespace === '' || ('namespace' in request && request.namespace === binding.namespace)
}

function groupsThatMay(view: AccessView, question: Question): readonly string[] {
  const groups = new Set<string>()
  for (const asked of question.asked)
    for (const authorizer of view.authorizers)
      for (const { subject } of authorizer.holders(asked)) if (subject.kind === 'Group') groups.add(subject.name)
  return [...groups].sort()
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST
  return more > 0 ? `${names.slice(0, MOST).join(', ')} or ${more} others` : names.join(' or ')
}

export function placeName({ namespace, name }: Binding): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

/** Clouds authorize beside RBAC, by what no object of the cluster shows. */
const PROVIDERS: readonly (readonly [RegExp, string, string])[] = [
  [/-eks-/, 'EKS', 'access entries with access policies'],
  [/-gke\./, 'GKE', 'IAM roles (container.*)'],
]

function providerOf({ cluster, authorizers }: AccessView): Told | undefined {
  const versions = [cluster.version.text, ...cluster.placement.nodes.flatMap((node) => node.kubelet ?? [])]
  for (const [pattern, name, what] of PROVIDERS) {
    if (!versions.some((each) => pattern.test(each)) || authorizers.some((each) => each.name.includes(name))) continue
    return {
      about: 'other-authorizer',
      message: `${name} also allows by ${what}, which no object of the cluster shows: --cloud takes an export`,
      because: [],
    }
  }
  return undefined
}
