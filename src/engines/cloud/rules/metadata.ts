import { type Because, because } from '../../../cluster/because.ts'
import type { AwsMapped } from '../../../cluster/cloud/eks.ts'
import type { InstanceMetadata } from '../../../cluster/cloud/exports.ts'
import { cloudIdentity, type Provider } from '../../../cluster/cloud/identity.ts'
import { at, string } from '../../../cluster/json.ts'
import type { ClusterNode } from '../../../cluster/node.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Certainty, CloudContext } from '../context.ts'

/** Row 48 of the union of the field. */
export const METADATA_KINDS: readonly EdgeKind[] = [
  {
    kind: 'node-role',
    title: 'has the credentials of',
    from: 'Node',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'the node is a machine of AWS, Google Cloud or Azure; which role it has is told by describe-instances, or by the only role that lets nodes in',
    source: 'EC2 user guide, Use instance metadata; Compute Engine, VM metadata',
  },
  {
    kind: 'metadata',
    title: 'reads from the metadata service of its node the credentials of',
    from: 'workload',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'egress to 169.254.169.254 is not cut, and the pod is on the host network, or the hop limit of the instance is at least 2 or no session token is needed (IMDSv1); on Google Cloud not where the GKE metadata server answers in its place',
    source: 'EC2 user guide, Configure instance metadata options (HttpPutResponseHopLimit)',
  },
  {
    kind: 'node-by-metadata',
    title: 'can be, by the node’s role, the',
    from: 'workload',
    to: 'User system:node:NAME',
    chance: '1',
    precondition:
      'it reads the credentials of the node’s role, and an access entry or aws-auth lets that role in as nodes',
    source: 'kubernetes-sigs/aws-iam-authenticator pkg/mapper',
  },
]

const ADDRESS = '169.254.169.254'
const GKE_METADATA = 'iam.gke.io/gke-metadata-server-enabled'

/** What the machine of a node is, and which identity it has. */
interface Machine {
  readonly node: ClusterNode
  readonly provider: Provider
  readonly to: string
  readonly truth: Certainty
  readonly because: readonly Because[]
  /** Whether a pod that is not on the host network gets an answer, as far as the machine decides it. */
  readonly answers: 'yes' | 'unknown' | 'no'
  readonly answersBecause: readonly Because[]
  readonly mapped: AwsMapped | undefined
}

export function machines(context: CloudContext): readonly Machine[] {
  return context.cluster.placement.nodes.flatMap((node) => {
    const provider = providerOf(node, context)
    if (provider === 'aws') return [amazon(node, context)]
    return provider === undefined ? [] : [other(node, provider)]
  })
}

function providerOf({ object }: ClusterNode, { eks }: CloudContext): Provider | undefined {
  const id = string(at(object?.body, 'spec', 'providerID'))
  if (id?.startsWith('aws:') === true) return 'aws'
  if (id?.startsWith('gce:') === true) return 'gcp'
  if (id?.startsWith('azure:') === true) return 'azure'
  // Without nodes in the input, those of a cluster of EKS are machines of AWS.
  return object === undefined && eks ? 'aws' : undefined
}

function amazon(node: ClusterNode, context: CloudContext): Machine {
  const { metadata } = context.exports.eks
  const own = metadata.find((each) => each.node === node.name || isInstance(node, each))
  const forNodes = context.eks?.mappings.filter((each) => each.isForNodes) ?? []
  const role = own?.profile === undefined ? undefined : roleOfProfile(own.profile, context)
  const only = forNodes.length === 1 ? forNodes[0] : undefined
  const arn = role?.arn ?? own?.profile ?? only?.principal
  const why = role ? [own?.from, role.from] : own?.profile === undefined ? [only?.because] : [own.from]
  return {
    node,
    provider: 'aws',
    to: arn === undefined ? cloudIdentity('aws', `node role of ${node.pool}`) : context.awsNode(arn),
    truth: role || (only && only.truth === 'yes') ? 'yes' : 'unknown',
    because: [
      because('a machine of AWS', node.object, ['spec', 'providerID']),
      ...why.flatMap((each) => each ?? []),
      ...(arn === undefined ? [because('which role it has is in no export')] : []),
    ],
    ...answer(own, metadata),
    mapped:
      forNodes.find((each) => arn !== undefined && context.awsNode(each.principal) === context.awsNode(arn)) ?? only,
  }
}

function isInstance({ object }: ClusterNode, { instance }: InstanceMetadata): boolean {
  return instance !== undefined && string(at(object?.body, 'spec', 'providerID'))?.endsWith(`/${instance}`) === true
}

function roleOfProfile(profile: string, { exports }: CloudContext) {
  return exports.aws.roles.find((role) => role.instanceProfiles.includes(profile))
}

function answer(
  own: InstanceMetadata | undefined,
  all: readonly InstanceMetadata[],
): Pick<Machine, 'answers' | 'answersBecause'> {
  if (own?.disabled === true) return { answers: 'no', answersBecause: [own.from] }
  if (own?.hopLimit !== undefined) return { answers: own.hopLimit >= 2 ? 'yes' : 'no', answersBecause: [own.from] }
  // Templates say what new machines get; that every one lets pods through is enough, that none does is not.
  const templates = all.filter(({ node }) => node === undefined)
  if (templates.length > 0 && templates.every(({ hopLimit }) => hopLimit !== undefined && hopLimit >= 2))
    return { answers: 'yes', answersBecause: templates.slice(0, 3).map(({ from }) => from) }
  return { answers: 'unknown', answersBecause: [because('the hop limit of the node is in no export')] }
}

function other(node: ClusterNode, provider: 'gcp' | 'azure'): Machine {
  const isShielded = provider === 'gcp' && node.labels.get(GKE_METADATA) === 'true'
  return {
    node,
    provider,
    to: cloudIdentity(
      provider,
      `${provider === 'gcp' ? 'service account of nodes' : 'identity of nodes'} ${node.pool}`,
    ),
    truth: 'unknown',
    because: [
      because(`a machine of ${provider === 'gcp' ? 'Google Cloud' : 'Azure'}`, node.object, ['spec', 'providerID']),
      because('which identity it has is in no export that is read'),
    ],
    answers: isShielded ? 'no' : 'yes',
    answersBecause: isShielded
      ? [because('the metadata server of GKE answers for it', node.object, ['metadata', 'labels', GKE_METADATA])]
      : [],
    mapped: undefined,
  }
}

/** A workload that gets the credentials of the machine of a node where it runs. */
export interface Reading {
  readonly workload: Workload
  readonly machine: Machine
  readonly truth: Certainty
  readonly because: readonly Because[]
}

export function* readings(context: CloudContext, all: readonly Machine[]): Generator<Reading> {
  if (all.length === 0) return
  const byNode = new Map(all.map((machine) => [machine.node.id, machine]))
  for (const workload of context.cluster.workloads) {
    if (workload.finished) continue
    const host = workload.specs.find(({ pod }) => pod.hostNetwork)
    let reached: ReturnType<typeof context.known.reachesAddress> | undefined
    for (const { node, truth: placed } of context.cluster.placement.placesOf(workload)) {
      const machine = byNode.get(node.id)
      if (!machine) continue
      if (host) {
        const why = because('its pods are on the host network', host.object, [...host.pod.path, 'hostNetwork'])
        yield { workload, machine, truth: both(placed, machine.truth), because: [why, ...machine.because] }
        continue
      }
      if (machine.answers === 'no') continue
      reached ??= context.known.reachesAddress(workload, ADDRESS, 80)
      if (reached.truth === 'no') break
      yield {
        workload,
        machine,
        truth: both(both(placed, machine.truth), both(machine.answers, reached.truth)),
        because: [...machine.answersBecause, ...reached.because, ...machine.because],
      }
    }
  }
}

function both(a: Certainty, b: Certainty): Certainty {
  return a === 'yes' && b === 'yes' ? 'yes' : 'unknown'
}

export function* metadataEdges(context: CloudContext): Generator<Edge> {
  const all = machines(context)
  for (const { node, to, truth, because: why } of all)
    yield { kind: 'node-role', from: node.id, to, chance: 1, truth, rule: '', because: why }
  for (const { workload, machine, truth, because: why } of readings(context, all)) {
    yield { kind: 'metadata', from: workload.id, to: machine.to, chance: 1, truth, rule: '', because: why }
    const { mapped, node } = machine
    if (!mapped || node.object === undefined) continue
    yield {
      kind: 'node-by-metadata',
      from: workload.id,
      to: idOf('User', '', `system:node:${node.name}`),
      chance: 1,
      truth: both(truth, mapped.truth),
      rule: '',
      because: [...why, mapped.because],
    }
  }
}
