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
  readonly tokens: Map<string, readonly { readonly to: GcpAccount; readonly answer: Answer }[]>
  readonly asked: Map<string, { readonly becomes: readonly GcpEscalation[]; readonly reaches: readonly GcpReach[] }>
}

const known = new WeakMap<CloudExports['gcp'], Answers>()

function answersOf({ gcp }: CloudExports): Answers {
  const made: Answers = known.get(gcp) ?? {
    world: { ...gcpWorld({ gcp }), holds: (role, permission) => mayGrant(role, permission, gcp.roles) },
    accounts: serviceAccountsOf(gcp)
      .slice(0, MOST_ASKED)
      .map((email) => {
        const resource = serviceAccount(email, gcp.projects)
        return { email, resource, project: resource.split('/', 2).join('/') }
      }),
    tokens: new Map(),
    asked: new Map(),
  }
  known.set(gcp, made)
  return made
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
  while (queue.length > 0 && seen.size < MOST) {
    const node = queue.pop() as string
    if (seen.has(node) || !node.startsWith('CloudIdentity/gcp/')) continue
    const { name } = idParts(node)
    const who = members.get(name) ?? workloadOf(name)
    seen.add(node)
    const administered = /^administrator of (.*)$/s.exec(name)?.[1]
    if (administered !== undefined) {
      for (const { email, resource } of answers.accounts)
        if (ancestry(resource, answers.world.parents).includes(administered)) {
          queue.push(cloudIdentity('gcp', email))
          yield edge('gcp-becomes', node, cloudIdentity('gcp', email), 'administrator', { answer: 'yes', because: [] })
        }
      continue
    }
    if (!who) continue
    const { becomes, reaches } = ask(who, name, answers, gcp)
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
        idOf('CloudAsset', 'gcp', `${found.kind} ${found.resource}`),
        found.access.join(),
        found,
      )
  }
  left.set(context, queue.filter((node) => !seen.has(node) && members.has(idParts(node).name)).length)
}

function ask(who: GcpWho, name: string, answers: Answers, gcp: CloudExports['gcp']) {
  const done = answers.asked.get(name)
  if (done) return done
  const world = worldFor(who, answers.world)
  const accounts = answers.accounts.filter(({ email }) => isBound(email, world, gcp.projects))
  const tokensOf = (account: GcpAccount) => tokens(account, answers, gcp)
  const made = { becomes: gcpEscalations(who, { world, accounts, tokensOf }), reaches: gcpAssets(who, world) }
  answers.asked.set(name, made)
  return made
}

/** Accounts of which an account gets tokens. */
function tokens(account: GcpAccount, { world, accounts, tokens: kept }: Answers, { projects }: CloudExports['gcp']) {
  const done = kept.get(account.email)
  if (done) return done
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
