import { type Because, because } from '../../../cluster/because.ts'
import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import type { GcpBinding } from '../../../cluster/cloud/gcp-exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { type Answer, either } from '../aws/answer.ts'
import type { Account, Certainty, CloudContext, Link } from '../context.ts'
import {
  ancestry,
  type GcpDecision,
  type GcpBinding as GcpRule,
  type GcpWorld,
  gcpDecide,
  gcpDenials,
} from '../gcp/decide.ts'
import { type GcpWho, isAmong } from '../gcp/members.ts'
import { permissionsOf } from '../gcp/roles.ts'
import { gcpWorld, serviceAccount, worldFor } from '../gcp-world.ts'

export const GSA_ANNOTATION = 'iam.gke.io/gcp-service-account'
const USER = 'roles/iam.workloadIdentityUser'
/** Roles with iam.serviceAccounts.getAccessToken, by which the account makes itself tokens of another. */
const IMPERSONATING: ReadonlySet<string> = new Set([USER, 'roles/iam.serviceAccountTokenCreator'])

/** The metadata server of GKE on each node, which exchanges tokens. */
const METADATA = { address: '169.254.169.252', port: 988 } as const

interface Member {
  readonly pool: string
  readonly namespace: string | undefined
  readonly account: string | undefined
}

/**
 * The accounts of clusters that a member of a binding stands for. Every cluster of a project has the same pool, so that
 * an account of the same name in another of its clusters is the same principal.
 */
export function memberOf(member: string): Member | undefined {
  const old = /^serviceAccount:([^[\]]{1,200}\.svc\.id\.goog)\[([^/[\]]{1,63})\/([^/[\]]{1,253})\]$/.exec(member)
  if (old) return { pool: old[1] as string, namespace: old[2], account: old[3] }
  const at = member.indexOf('/workloadIdentityPools/')
  if (at < 0 || !/^principal(Set)?:\/\//.test(member)) return undefined
  const [pool = '', ...rest] = member.slice(at + '/workloadIdentityPools/'.length).split('/')
  if (!pool.endsWith('.svc.id.goog')) return undefined
  const [kind, ns, namespace, sa, account] = rest
  if (kind === 'subject' && ns === 'ns' && sa === 'sa') return { pool, namespace, account }
  if (kind === 'namespace') return { pool, namespace: ns, account: undefined }
  // `*`, and attributes of the cluster: which of them this is, the pool does not tell.
  return { pool, namespace: undefined, account: undefined }
}

/** More service accounts than these are not asked about. */
export const MOST_ASKED = 500

/** What lets a principal act as a service account of Google Cloud: a token of it, or its signature, by which it gets one. */
export const ACTING: readonly string[] = [
  'iam.serviceAccounts.getAccessToken',
  'iam.serviceAccounts.signJwt',
  'iam.serviceAccounts.signBlob',
]

/** Workload Identity Federation for GKE: annotations with the binding that they need, bindings alone, and principals themselves. */
export function* googleLinks(context: CloudContext): Generator<{ account: Account; link: Link }> {
  const world = gcpWorld(context.exports)
  const pools = poolsOf(context)
  const all = serviceAccountsOf(context.exports.gcp).slice(0, MOST_ASKED)
  // Few bindings are of workloads; the others are not asked again for each account.
  const ofPools = worldOfPools(world)
  for (const account of context.accounts) {
    const email = account.annotations.get(GSA_ANNOTATION)
    const found = new Map<string, { answer: Answer; denied: boolean; because: readonly Because[] }>()
    for (const pool of pools) {
      const who = workloadOf(context, account, pool)
      const own = worldFor(who, ofPools)
      const asked = new Set(email === undefined ? [] : [email])
      for (const each of all) if (isBound(each, own, context.exports.gcp.projects)) asked.add(each)
      for (const each of asked) {
        const decided = mayActAs(who, each, own, context.exports.gcp.projects)
        const known = found.get(each)
        if (!known || either(known.answer, decided.answer) !== known.answer) found.set(each, decided)
      }
      yield* itself(context, account, who, own)
    }
    const isOurs = context.project !== undefined
    for (const [each, { answer, because: why }] of found)
      if (each !== email && answer !== 'no')
        yield { account, link: linkTo(each, answer === 'yes' && isOurs ? 'yes' : 'unknown', why) }
    // That the annotation and a binding name each other says whose pool it is, where no node does.
    if (email !== undefined) yield* annotated(context, account, email, found.get(email))
  }
}

/** The pool of the project of the cluster; where that is not known, those that exports name, unless there are too many. */
function poolsOf({ project, exports }: CloudContext): readonly string[] {
  if (project !== undefined) return [`${project}.svc.id.goog`]
  const pools = new Set(exports.gcp.bindings.flatMap(({ member }) => memberOf(member)?.pool ?? []))
  return [...pools].slice(0, MOST_POOLS)
}

const MOST_POOLS = 20

function workloadOf({ exports }: CloudContext, { namespace, name }: Account, pool: string): Workload {
  const id = pool.slice(0, -'.svc.id.goog'.length)
  const number = [...exports.gcp.projects].find(([, own]) => own === id)?.[0]
  return {
    kind: 'workload',
    pool,
    ...(number === undefined ? {} : { projectNumber: number }),
    namespace,
    serviceAccount: name,
  }
}

type Workload = GcpWho & { readonly kind: 'workload' }

/** Bindings that may be of a workload of a cluster: of its pool, or of everybody. */
function worldOfPools(world: GcpWorld): GcpWorld {
  const isOfPool = ({ members }: GcpRule): boolean =>
    members.some((each) => each.startsWith('all') || memberOf(each) !== undefined)
  const bindings = new Map([...world.bindings].map(([resource, all]) => [resource, all.filter(isOfPool)] as const))
  return { ...world, bindings, unplaced: (world.unplaced ?? []).filter(isOfPool) }
}

/** Whether a world has any binding that holds for a service account. */
export function isBound(email: string, world: GcpWorld, projects: ReadonlyMap<string, string>): boolean {
  const { bindings, parents, unplaced = [] } = world
  if (bindings.size + unplaced.length === 0) return false
  return unplaced.length > 0 || ancestry(serviceAccount(email, projects), parents).some((each) => bindings.has(each))
}

/** Service accounts that exports name, as resources or as members. */
export function serviceAccountsOf({ bindings }: CloudExports['gcp']): readonly string[] {
  const found = new Set<string>()
  for (const binding of bindings) {
    const email = serviceAccountOf(binding) ?? /^serviceAccount:([^[\]]{1,200})$/.exec(binding.member)?.[1]
    if (email?.endsWith('gserviceaccount.com') === true) found.add(email)
  }
  return [...found].sort()
}

/** Whether a principal may act as a service account, by any of the ways to it. */
export function mayActAs(
  who: GcpWho,
  email: string,
  world: GcpWorld,
  projects: ReadonlyMap<string, string>,
): { readonly answer: Answer; readonly denied: boolean; readonly because: readonly Because[] } {
  const resource = serviceAccount(email, projects)
  let best: GcpDecision | undefined
  let denied = false
  for (const permission of ACTING) {
    const decided = gcpDecide({ who, permission, resource }, world)
    denied ||= decided.answer === 'no' && decided.because.length > 0
    if (best === undefined || either(best.answer, decided.answer) !== best.answer) best = decided
  }
  return { answer: best?.answer ?? 'no', denied, because: reasonsOf(best) }
}

/** The sentences of exports that decided; of what is maybe also the denial that may take it away. */
export function reasonsOf(decided: Pick<GcpDecision, 'because'> | undefined): readonly Because[] {
  return (decided?.because ?? []).flatMap(({ rule, answer }) => {
    const origin = rule.origin as Because | undefined
    if (!origin) return []
    return 'role' in rule
      ? [origin]
      : [{ ...origin, text: `${origin.text} ${answer === 'yes' ? 'takes it away' : 'may take it away'}` }]
  })
}

/** The workload as a principal of its own, where a binding grants it what no denial takes away. */
function* itself(
  context: CloudContext,
  account: Account,
  who: Workload,
  world: GcpWorld,
): Generator<{ account: Account; link: Link }> {
  for (const [resource, bindings] of [...world.bindings, ['', world.unplaced ?? []] as const]) {
    for (const { role, members, condition, origin } of bindings) {
      const isOfPool = members.some((each) => memberOf(each) !== undefined)
      if (!isOfPool || (IMPERSONATING.has(role) && /\/serviceAccounts\/|^$/.test(resource))) continue
      const permissions = permissionsOf(role, world.roles)
      const denies = gcpDenials(who, resource, world)
      const left = permissions?.map((permission) => denies(permission))
      if (left !== undefined && left.length > 0 && left.every(({ answer }) => answer === 'yes')) continue
      const isSure =
        context.project !== undefined && condition === undefined && isAmong(members, who) === 'yes' && resource !== ''
      const isLeft = left === undefined || left.length === 0 || left.some(({ answer }) => answer === 'no')
      yield {
        account,
        link: linkTo(`${who.pool}[${account.namespace}/${account.name}]`, isSure && isLeft ? 'yes' : 'unknown', [
          origin as Because,
        ]),
      }
    }
  }
}

function* annotated(
  context: CloudContext,
  account: Account,
  email: string,
  found: { readonly answer: Answer; readonly denied: boolean; readonly because: readonly Because[] } | undefined,
): Generator<{ account: Account; link: Link }> {
  const isTold = context.exports.gcp.bindings.some((each) => serviceAccountOf(each) === email)
  const answer = found?.answer ?? 'no'
  if (answer === 'no' && (isTold || found?.denied === true)) return
  const told = because(`annotation ${GSA_ANNOTATION}: ${email}`, account.object, [
    'metadata',
    'annotations',
    GSA_ANNOTATION,
  ])
  const why = answer === 'no' ? [because(`whether ${USER} is granted on it is in no export`)] : (found?.because ?? [])
  yield { account, link: linkTo(email, answer === 'yes' ? 'yes' : 'unknown', [told, ...why]) }
}

function linkTo(name: string, truth: Certainty, why: readonly Because[]): Link {
  return {
    to: cloudIdentity('gcp', name),
    truth,
    isGiven: () => true,
    from: METADATA,
    rule: 'workload-identity',
    because: why,
  }
}

/** The e-mail of the service account whose policy has the binding. */
function serviceAccountOf({ resource }: GcpBinding): string | undefined {
  const at = resource?.lastIndexOf('/serviceAccounts/') ?? -1
  return at < 0 ? undefined : resource?.slice(at + '/serviceAccounts/'.length)
}
