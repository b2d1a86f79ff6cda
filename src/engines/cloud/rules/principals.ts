import { because } from '../../../cluster/because.ts'
import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import { cloudIdentity, principalKey } from '../../../cluster/cloud/identity.ts'
import { idOf, idParts } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
import { type Escalation, escalations } from '../aws/escalate.ts'
import { type AwsReach, assetsOf } from '../aws/reach.ts'
import type { AwsPrincipal, AwsWorld } from '../aws/world.ts'
import { untoldLevels } from '../aws-organization.ts'
import { statementBecause } from '../aws-statement.ts'
import { awsWorld } from '../aws-world.ts'
import type { CloudContext } from '../context.ts'

export const PRINCIPAL_KINDS: readonly EdgeKind[] = [
  {
    kind: 'aws-becomes',
    title: 'can become',
    from: 'CloudIdentity',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'its IAM policies let it assume the other role, change its policies, or give it to a service that runs code (iam:PassRole), as our evaluator decides; unknown where a condition or a policy is not known',
    source: 'AWS IAM user guide, Policy evaluation logic; public research on escalation in IAM',
  },
  {
    kind: 'aws-reaches',
    title: 'may use',
    from: 'CloudIdentity',
    to: 'CloudAsset',
    chance: '1',
    precondition: 'its IAM policies allow an action that reads, changes or hands on what the service stores',
    source: 'Service authorization reference',
  },
  {
    kind: 'aws-cluster-access',
    title: 'can give itself access to',
    from: 'CloudIdentity',
    to: 'ControlPlane',
    chance: '1',
    precondition:
      'it may make access entries or associate access policies with this cluster of EKS (its name is known and the policy names it), with an authentication mode that has them',
    source: 'Amazon EKS user guide, Grant IAM users access',
  },
]

/** More principals than these are not asked; each question goes through all that the export holds. */
const MOST_ASKED = 500

const left = new WeakMap<CloudContext, number>()

/** How many identities that are led to were not asked, once the edges were drawn. */
export function unaskedOf(context: CloudContext): number {
  return left.get(context) ?? 0
}

interface Answers {
  readonly world: AwsWorld
  readonly asked: Map<AwsPrincipal, { readonly becomes: readonly Escalation[]; readonly reaches: readonly AwsReach[] }>
}

const known = new WeakMap<CloudExports, Answers>()

/** What a principal may do hangs on the exports alone, and a plan judges many clusters with the same. */
function answersOf(exports: CloudExports): Answers {
  const answers = known.get(exports) ?? { world: awsWorld(exports), asked: new Map() }
  known.set(exports, answers)
  return answers
}

/** What the exports leave open of control policies. */
export function untoldControls({ exports }: CloudContext): readonly string[] {
  return untoldLevels(answersOf(exports).world.accounts)
}

/** From the identities that others lead to: whom they become in turn, and what they reach. */
export function* principalEdges(context: CloudContext, reached: Iterable<string>): Generator<Edge> {
  if (context.exports.aws.roles.length + context.exports.aws.users.length === 0) return
  const { world, asked: answers } = answersOf(context.exports)
  const queue = [...new Set(reached)]
  const asked = new Set<string>()
  let answered = 0
  while (queue.length > 0 && answered < MOST_ASKED) {
    const node = queue.pop() as string
    const principal = asked.has(node) ? undefined : world.principals.get(idParts(node).name)
    asked.add(node)
    if (!principal) continue
    answered++
    let answer = answers.get(principal)
    if (!answer) {
      answer = { becomes: escalations(principal, world), reaches: assetsOf(principal, world) }
      answers.set(principal, answer)
    }
    for (const found of answer.becomes) {
      const to =
        found.to.kind === 'principal'
          ? context.awsNode(found.to.arn)
          : cloudIdentity('aws', `administrator of ${found.to.id}`)
      if (to === node) continue
      queue.push(to)
      yield edge('aws-becomes', node, to, found.rule, found)
    }
    for (const found of answer.reaches) {
      const to =
        found.kind === 'admin'
          ? cloudIdentity('aws', `administrator of ${found.resource}`)
          : idOf('CloudAsset', 'aws', `${found.kind} ${found.resource}`)
      yield edge(found.kind === 'admin' ? 'aws-becomes' : 'aws-reaches', node, to, found.access.join(), found)
      if (opensCluster(context, found))
        yield edge('aws-cluster-access', node, CONTROL_PLANE, found.resource, clusterFound(context, found))
    }
  }
  left.set(context, queue.filter((node) => !asked.has(node) && world.principals.has(idParts(node).name)).length)
}

/** An administrator of the account, or whoever controls what EKS lets in. */
function opensCluster({ eks }: CloudContext, { kind, access }: AwsReach): boolean {
  if (!eks || eks.mode === 'CONFIG_MAP') return false
  return kind === 'admin' || (kind === 'eks' && access.includes('control'))
}

function clusterFound({ eks, exports }: CloudContext, found: AwsReach): Pick<AwsReach, 'answer' | 'because'> {
  const own = exports.eks.clusters.find(({ name }) => name === eks?.name)?.arn
  const isOurs =
    own !== undefined &&
    (found.resource === '*' ||
      found.resource === own ||
      (found.kind === 'admin' && own.split(':')[4] === found.resource))
  return { because: found.because, answer: isOurs && found.answer === 'yes' ? 'yes' : 'maybe' }
}

function edge(
  kind: string,
  from: string,
  to: string,
  rule: string,
  found: Pick<Escalation | AwsReach, 'answer' | 'because'>,
): Edge {
  const why = found.because.map(({ statement }) => statementBecause(statement))
  return {
    kind,
    from,
    to,
    chance: 1,
    truth: found.answer === 'yes' ? 'yes' : 'unknown',
    rule,
    because: why.length > 0 ? why : [because(`${principalKey(idParts(from).name)}: its policies`)],
  }
}
