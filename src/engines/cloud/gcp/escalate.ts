import { type Answer, both, either } from '../aws/answer.ts'
import { ancestry, type GcpDecision, type GcpWorld, gcpDecide } from './decide.ts'
import type { GcpWho } from './members.ts'

/** Whom a principal of Google Cloud becomes: a service account, or whoever administers a part of the hierarchy. */
export type GcpTarget =
  | { readonly kind: 'serviceAccount'; readonly email: string; readonly resource: string }
  | { readonly kind: 'administrator'; readonly of: string }

export interface GcpEscalation {
  /** The id of the rule. */
  readonly rule: string
  readonly to: GcpTarget
  readonly answer: Exclude<Answer, 'no'>
  readonly because: GcpDecision['because']
}

/** One way by which a principal becomes a service account: permissions on the account, and on its project. */
export interface GcpRule {
  readonly id: string
  readonly title: string
  /** On the service account. */
  readonly permission: string
  /** On its project besides; one of them suffices. */
  readonly runs?: readonly string[]
  /** What must hold besides, and no export tells: the step is `maybe`. */
  readonly besides?: string
}

const runs = (id: string, title: string, ...permissions: readonly string[]): GcpRule => ({
  id,
  title,
  permission: 'iam.serviceAccounts.actAs',
  runs: permissions,
})

/** The ways to a service account, the surest first; the list is that of public research on IAM of Google Cloud. */
export const GCP_RULES: readonly GcpRule[] = [
  { id: 'get-access-token', title: 'Get a token of it', permission: 'iam.serviceAccounts.getAccessToken' },
  { id: 'sign-jwt', title: 'Have it sign what a token is given for', permission: 'iam.serviceAccounts.signJwt' },
  { id: 'sign-blob', title: 'Have it sign what a token is given for', permission: 'iam.serviceAccounts.signBlob' },
  { id: 'set-account-policy', title: 'Grant itself roles on it', permission: 'iam.serviceAccounts.setIamPolicy' },
  runs('act-as-instance', 'Start an instance as it', 'compute.instances.create', 'compute.instances.setServiceAccount'),
  runs('act-as-run', 'Run a service or a job as it', 'run.services.create', 'run.services.update', 'run.jobs.create'),
  runs('act-as-function', 'Run a function as it', 'cloudfunctions.functions.create', 'cloudfunctions.functions.update'),
  runs('act-as-build', 'Run a build as it', 'cloudbuild.builds.create'),
  runs('act-as-cluster', 'Start nodes as it', 'container.clusters.create', 'container.clusters.update'),
  {
    id: 'create-key',
    title: 'Make a key of it',
    permission: 'iam.serviceAccountKeys.create',
    besides: 'whether a policy of the organisation forbids keys',
  },
  {
    id: 'get-id-token',
    title: 'Get an identity token of it',
    permission: 'iam.serviceAccounts.getOpenIdToken',
    besides: 'what takes its identity tokens',
  },
]

/** The permission by which roles are granted on a part of the hierarchy. */
const SET_POLICY: ReadonlyMap<string, string> = new Map([
  ['projects', 'resourcemanager.projects.setIamPolicy'],
  ['folders', 'resourcemanager.folders.setIamPolicy'],
  ['organizations', 'resourcemanager.organizations.setIamPolicy'],
])

const DELEGATE = 'iam.serviceAccounts.implicitDelegation'
const PLACE = /^(projects|folders|organizations)\/[^/]+$/

/** A service account that may be become, with its resource. */
export interface GcpAccount {
  readonly email: string
  readonly resource: string
  readonly project: string
}

export interface GcpAsking {
  /** The world, narrowed to bindings that may speak of the principal. */
  readonly world: GcpWorld
  readonly accounts: readonly GcpAccount[]
  /** Projects, folders and organisations that exports name, by which those below a place are known. */
  readonly places: readonly string[]
  /** Asked before each question; false: no more are answered. */
  spend(resource: string): boolean
  /** Accounts of which a service account gets tokens, by which delegation goes on. */
  tokensOf(account: GcpAccount): readonly { readonly to: GcpAccount; readonly answer: Answer }[]
}

/** Whom a principal can become at once, each by the surest way. */
export function gcpEscalations(
  who: GcpWho,
  { world, accounts, places, spend, tokensOf }: GcpAsking,
): readonly GcpEscalation[] {
  const best = new Map<string, GcpEscalation>()
  const add = (rule: string, to: GcpTarget, answer: Answer, because: GcpDecision['because']): void => {
    if (answer === 'no') return
    const key = to.kind === 'administrator' ? `of ${to.of}` : to.email
    const known = best.get(key)
    if (!known || (known.answer === 'maybe' && answer === 'yes')) best.set(key, { rule, to, answer, because })
  }
  const ask = (permission: string, resource: string): GcpDecision =>
    spend(resource) ? gcpDecide({ who, permission, resource }, world) : UNASKED
  const some = (permissions: readonly string[], resource: string): GcpDecision =>
    permissions
      .map((each) => ask(each, resource))
      .reduce((found, each) => (either(found.answer, each.answer) === found.answer ? found : each))
  const isBelow = (resource: string, above: ReadonlySet<string>): boolean =>
    above.size > 0 && ancestry(resource, world.parents).some((each) => above.has(each))
  const administered = new Set<string>()
  const isLoose = (world.unplaced ?? []).length > 0
  // The highest first: who surely grants roles on a place needs no other way to what it holds.
  for (const place of new Set(
    [...places, ...world.bindings.keys()].filter((each) => PLACE.test(each)).sort(byHeight),
  )) {
    if (isBelow(place, administered)) continue
    if (!isLoose && !ancestry(place, world.parents).some((each) => world.bindings.has(each))) continue
    const permission = SET_POLICY.get(place.slice(0, place.indexOf('/'))) as string
    const sets = ask(permission, place)
    add('set-policy', { kind: 'administrator', of: place }, sets.answer, sets.because)
    if (sets.answer === 'yes') administered.add(place)
    for (const { role } of world.bindings.get(place) ?? []) {
      const owner = /^((?:projects|organizations)\/[^/]+)\/roles\/[^/]+$/.exec(role)?.[1]
      if (owner === undefined) continue
      // It holds a role that it may rewrite.
      const updates = ask('iam.roles.update', owner)
      add('update-own-role', { kind: 'administrator', of: place }, updates.answer, updates.because)
      if (updates.answer === 'yes') administered.add(place)
    }
  }
  const waysTo = (account: GcpAccount): readonly Way[] => {
    const found: Way[] = []
    for (const { id, permission, runs: needed, besides } of GCP_RULES) {
      const may = ask(permission, account.resource)
      if (may.answer === 'no') continue
      const run = needed && some(needed, account.project)
      const answer = both(both(may.answer, run?.answer ?? 'yes'), besides === undefined ? 'yes' : 'maybe')
      if (answer !== 'no') found.push({ id, answer, because: [...may.because, ...(run?.because ?? [])] })
    }
    return found
  }
  // Accounts that no binding names themselves are all alike to who has roles above them, unless a condition looks at names.
  const isNamed = [...world.bindings.values(), world.unplaced ?? []]
    .flat()
    .some(({ condition }) => condition !== undefined)
  const alike = new Map<string, { readonly ways: readonly Way[]; readonly delegates: GcpDecision }>()
  const of = (account: GcpAccount) => {
    const made = () => ({ ways: waysTo(account), delegates: ask(DELEGATE, account.resource) })
    if (isNamed || world.bindings.has(account.resource)) return made()
    const key = ancestry(account.resource, world.parents).slice(1).join(' ')
    const known = alike.get(key) ?? made()
    alike.set(key, known)
    return known
  }
  for (const account of accounts) {
    if (isBelow(account.resource, administered)) continue
    const { ways, delegates } = of(account)
    const to = { kind: 'serviceAccount', ...account } as const
    for (const { id, answer, because } of ways) add(id, to, answer, because)
    if (delegates.answer !== 'no')
      for (const { to: next, answer } of tokensOf(account))
        add(
          'implicit-delegation',
          { kind: 'serviceAccount', ...next },
          both(delegates.answer, answer),
          delegates.because,
        )
  }
  return [...best].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found)
}

interface Way {
  readonly id: string
  readonly answer: Answer
  readonly because: GcpDecision['because']
}

/** What is not asked may be allowed; who spends counts the principal. */
const UNASKED: GcpDecision = { answer: 'no', because: [], unseen: [] }

const HEIGHTS = ['organizations', 'folders', 'projects']

function byHeight(a: string, b: string): number {
  const height = (place: string): number => HEIGHTS.indexOf(place.slice(0, place.indexOf('/')))
  return height(a) - height(b) || (a < b ? -1 : 1)
}
