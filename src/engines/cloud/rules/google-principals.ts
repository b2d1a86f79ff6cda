import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
import type { Answer } from '../aws/answer.ts'
import type { CloudContext } from '../context.ts'
import { ancestry, type GcpDecision, type GcpWorld, gcpDecide } from '../gcp/decide.ts'
import { type GcpAccount, type GcpEscalation, gcpEscalations } from '../gcp/escalate.ts'
import type { GcpWho } from '../gcp/members.ts'
import { type GcpReach, gcpAssets } from '../gcp/reach.ts'
import { mayGrant } from '../gcp/roles.ts'
import { gcpWorld, serviceAccount, worldFor } from '../gcp-world.ts'
import { whoOf } from '../google-roles.ts'
import { isBound, MOST_ASKED, reasonsOf, serviceAccountsOf } from './google.ts'
import { googleNodeEdges } from './google-nodes.ts'

export const GOOGLE_PRINCIPAL_KINDS: readonly EdgeKind[] = [
  {
    kind: 'gcp-becomes',
    title: 'can become',
    from: 'CloudIdentity',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'its roles let it get tokens, keys or signatures of the service account, run something as it (iam.serviceAccounts.actAs), or grant itself roles, and no deny policy takes that away; unknown where a condition, a group or a role is not known',
    source: 'Google Cloud, Service account permissions, Deny policies; public research on escalation in IAM',
  },
  {
    kind: 'gcp-reaches',
    title: 'may use',
    from: 'CloudIdentity',
    to: 'CloudAsset',
    chance: '1',
    precondition:
      'a role that is granted to it reads, changes or hands on what the service stores, where it is granted',
    source: 'Google Cloud, IAM permissions reference',
  },
  {
    kind: 'gcp-cluster-access',
    title: 'can give itself access to',
    from: 'CloudIdentity',
    to: 'ControlPlane',
    chance: '1',
    precondition: 'it may grant roles on the project of the cluster or above it, roles/container.admin among them',
    source: 'Google Kubernetes Engine, Create IAM policies',
  },
]

interface Answers {
  readonly world: GcpWorld
  readonly accounts: readonly GcpAccount[]
  /** Projects, folders and organisations that exports name. */
  readonly places: readonly string[]
  /** Bindings that may still be looked at. */
  left: number
  readonly tokens: Map<string, readonly { readonly to: GcpAccount; readonly answer: Answer }[]>
  readonly asked: Map<string, Asked>
}

interface Asked {
  readonly becomes: readonly GcpEscalation[]
  readonly reaches: readonly GcpReach[]
  /** Whether any binding may be of it. */
  readonly isBound: boolean
  /** Whether all was asked. */
  readonly isWhole: boolean
}

/** A project of five hundred accounts and as many people takes a tenth of it. */
const MOST_LOOKS = 20_000_000
/** An organisation has tens of thousands of projects; of more the rest is not asked about one by one. */
const MOST_PLACES = 20_000
const MOST_EDGES = 50_000

const known = new WeakMap<CloudExports['gcp'], Answers>()

function answersOf({ gcp }: CloudExports): Answers {
  const done = known.get(gcp)
  if (done) return done
  const world = { ...gcpWorld({ gcp }), holds: holdings(gcp.roles) }
  const accounts = serviceAccountsOf(gcp)
    .slice(0, MOST_ASKED)
    .map((email) => {
      const resource = serviceAccount(email, gcp.projects)
      return { email, resource, project: resource.split('/', 2).join('/') }
    })
  const places = new Set([
    ...accounts.map(({ project }) => project),
    ...[...world.parents].flatMap(([a, all]) => [a, ...all]),
  ])
  const made: Answers = {
    world,
    accounts,
    places: [...places].filter((each) => IN_HIERARCHY.test(each)).slice(0, MOST_PLACES),
    left: MOST_LOOKS,
    tokens: new Map(),
    asked: new Map(),
  }
  known.set(gcp, made)
  return made
}

const IN_HIERARCHY = /^(projects|folders|organizations)\/[^/]+$/

/** Whether roles hold permissions; what many principals have is looked up once. */
function holdings(roles: CloudExports['gcp']['roles']): (role: string, permission: string) => Answer {
  const byRole = new Map<string, Map<string, Answer>>()
  return (role, permission) => {
    const own = byRole.get(role) ?? new Map<string, Answer>()
    byRole.set(role, own)
    const told = own.get(permission) ?? mayGrant(role, permission, roles)
    own.set(permission, told)
    return told
  }
}

/** More principals than these are not asked. */
const MOST = 500

const left = new WeakMap<CloudContext, number>()

/** How many identities that are led to were not asked, once the edges were drawn. */
export function unaskedGoogle(context: CloudContext): number {
  return left.get(context) ?? 0
}

/** From the identities that others lead to: whom they become in turn, and what they reach. */
export function* googlePrincipalEdges(context: CloudContext, reached: Iterable<string>): Generator<Edge> {
  const { gcp } = context.exports
  if (gcp.bindings.length === 0) return
  const answers = answersOf(context.exports)
  const members = membersOf(gcp)
  const queue = [...new Set(reached)]
  const seen = new Set<string>()
  let partly = 0
  let drawn = 0
  let asked = 0
  let next = 0
  // In the order in which they are reached: whom one of them becomes is asked after all that come in themselves.
  for (; next < queue.length && asked < MOST && drawn < MOST_EDGES; next++) {
    const node = queue[next] as string
    if (seen.has(node) || !node.startsWith('CloudIdentity/gcp/')) continue
    const { name } = idParts(node)
    const who = members.get(name) ?? workloadOf(name)
    seen.add(node)
    const administered = /^administrator of (.*)$/s.exec(name)?.[1]
    if (administered !== undefined) {
      for (const { email, resource } of answers.accounts)
        if (ancestry(resource, answers.world.parents).includes(administered)) {
          queue.push(cloudIdentity('gcp', email))
          drawn++
          yield edge('gcp-becomes', node, cloudIdentity('gcp', email), 'administrator', { answer: 'yes', because: [] })
        }
      continue
    }
    if (!who) continue
    const { becomes, reaches, isBound, isWhole } = ask(who, name, answers, gcp)
    if (isBound) asked++
    if (!isWhole) partly++
    drawn += becomes.length + reaches.length
    if (isBound)
      for (const each of googleNodeEdges(context, node, who, worldFor(who, answers.world), spender(answers))) {
        drawn++
        yield each
        if (drawn >= MOST_EDGES) break
      }
    if (isWhole && answers.left <= 0) partly++
    for (const found of becomes) {
      const to = cloudIdentity(
        'gcp',
        found.to.kind === 'administrator' ? `administrator of ${found.to.of}` : found.to.email,
      )
      if (to === node) continue
      queue.push(to)
      yield edge('gcp-becomes', node, to, found.rule, found)
      if (found.to.kind === 'administrator' && holdsCluster(context, found.to.of, answers.world))
        yield edge('gcp-cluster-access', node, CONTROL_PLANE, found.rule, found)
    }
    for (const found of reaches)
      yield edge(
        'gcp-reaches',
        node,
        idOf(
          'CloudAsset',
          'gcp',
          `${found.kind} ${found.resource === '' ? 'of a project that is not named' : found.resource}`,
        ),
        found.access.join(),
        found,
      )
  }
  const rest = new Set(queue.slice(next).filter((node) => !seen.has(node) && members.has(idParts(node).name)))
  left.set(context, partly + rest.size)
}

/** Of what is left of bindings to be looked at: an instance is asked for five permissions. */
function spender(answers: Answers): (resource: string) => boolean {
  const { world } = answers
  return (resource) => {
    for (const each of ancestry(resource, world.parents))
      answers.left -= 5 * (1 + (world.bindings.get(each)?.length ?? 0))
    return answers.left > 0
  }
}

function ask(who: GcpWho, name: string, answers: Answers, gcp: CloudExports['gcp']) {
  const done = answers.asked.get(name)
  if (done) return done
  const world = worldFor(who, answers.world)
  const accounts = answers.accounts.filter(({ email }) => isBound(email, world, gcp.projects))
  answers.left -= answers.world.bindings.size
  let isWhole = true
  const spend = (resource: string): boolean => {
    let looks = 1 + (world.unplaced?.length ?? 0)
    for (const each of ancestry(resource, world.parents)) looks += world.bindings.get(each)?.length ?? 0
    answers.left -= looks
    isWhole &&= answers.left > 0
    return isWhole
  }
  const tokensOf = (account: GcpAccount) => (answers.left > 0 ? tokens(account, answers, gcp) : [])
  const becomes = gcpEscalations(who, { world, accounts, places: answers.places, spend, tokensOf })
  const reaches = gcpAssets(who, world, spend)
  const made = {
    becomes,
    reaches,
    isBound: world.bindings.size + (world.unplaced?.length ?? 0) > 0,
    isWhole: isWhole && answers.left > 0,
  }
  answers.asked.set(name, made)
  return made
}

/** Accounts of which an account gets tokens. */
function tokens(account: GcpAccount, answers: Answers, { projects }: CloudExports['gcp']) {
  const { world, accounts, tokens: kept } = answers
  const done = kept.get(account.email)
  if (done) return done
  answers.left -= accounts.length
  const who = { kind: 'serviceAccount', email: account.email } as const
  const own = worldFor(who, world)
  const made = accounts
    .filter(({ email }) => email !== account.email && isBound(email, own, projects))
    .map((to) => ({
      to,
      answer: gcpDecide({ who, permission: 'iam.serviceAccounts.getAccessToken', resource: to.resource }, own).answer,
    }))
    .filter(({ answer }) => answer !== 'no')
  kept.set(account.email, made)
  return made
}

/** A workload as a principal of its own, which a binding may name by its namespace alone. */
function workloadOf(name: string): GcpWho | undefined {
  const [, pool, namespace, account] = /^([^[\]]{1,200}\.svc\.id\.goog)\[([^/]+)\/([^\]]+)\]$/.exec(name) ?? []
  return pool === undefined || namespace === undefined || account === undefined
    ? undefined
    : { kind: 'workload', pool, namespace, serviceAccount: account }
}

/** Whom the names of nodes stand for. */
function membersOf(gcp: CloudExports['gcp']): ReadonlyMap<string, GcpWho> {
  const found = new Map<string, GcpWho>()
  for (const { member } of gcp.bindings) {
    const who = whoOf(member)
    found.set(member.slice(member.indexOf(':') + 1), who)
  }
  for (const email of serviceAccountsOf(gcp)) found.set(email, { kind: 'serviceAccount', email })
  return found
}

function holdsCluster({ project }: CloudContext, place: string, { parents }: GcpWorld): boolean {
  return project !== undefined && ancestry(`projects/${project}`, parents).includes(place)
}

function edge(
  kind: string,
  from: string,
  to: string,
  rule: string,
  found: { readonly answer: Answer; readonly because: GcpDecision['because'] },
): Edge {
  const why = reasonsOf(found)
  return {
    kind,
    from,
    to,
    chance: 1,
    truth: found.answer === 'yes' ? 'yes' : 'unknown',
    rule,
    because: why.length > 0 ? why : [{ text: 'who grants roles grants itself those of the service accounts below' }],
  }
}
