import { type Because, because } from '../../../cluster/because.ts'
import { aksOf } from '../../../cluster/cloud/aks.ts'
import type { AwsMapped } from '../../../cluster/cloud/eks.ts'
import type { InstanceMetadata } from '../../../cluster/cloud/exports.ts'
import { cloudIdentity, type Provider } from '../../../cluster/cloud/identity.ts'
import { at, string } from '../../../cluster/json.ts'
import type { ClusterNode } from '../../../cluster/node.ts'
import type { Certainty, CloudContext } from '../context.ts'
import { type GoogleMachine, googleMachines } from '../google-machines.ts'

/** What the machine of a node is, and which identity it has. */
export interface Machine {
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
  const google = googleMachines(context)
  return context.cluster.placement.nodes.flatMap((node) => {
    const provider = providerOf(node, context)
    if (provider === 'aws') return [amazon(node, context)]
    // An instance without a service account has no credentials to take.
    if (provider === 'gcp' && google.get(node.id)?.hasAccount === 'no') return []
    if (provider === 'gcp') return [ofGoogle(node, google.get(node.id))]
    return provider === undefined ? [] : [azure(node, context)]
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

const SHIELD = 'iam.gke.io/gke-metadata-server-enabled'

/** On a node with the label the metadata server of GKE answers, but to pods on the host network (GKE, Workload Identity, Restrictions). */
function ofGoogle(node: ClusterNode, told: GoogleMachine | undefined): Machine {
  const own = because('a machine of Google Cloud', node.object, ['spec', 'providerID'])
  const isShielded = node.labels.get(SHIELD) === 'true'
  const label = because('the metadata server of GKE answers for it', node.object, ['metadata', 'labels', SHIELD])
  const shield = isShielded ? [label] : []
  const mode = told?.metadata
  // A pool that was changed has nodes of before; where label and pool differ, neither is believed.
  const differs = told !== undefined && mode !== undefined && (mode === 'GKE_METADATA') !== isShielded
  const answers = differs ? 'unknown' : isShielded ? 'no' : 'yes'
  const answersBecause = differs
    ? [...shield, { ...told.from, text: `${told.from.text}: ${mode}, which the label of the node is not` }]
    : shield
  return {
    node,
    provider: 'gcp',
    to: cloudIdentity('gcp', told?.account ?? `service account of nodes ${node.pool}`),
    truth: told?.isSure === true ? 'yes' : 'unknown',
    because: [own, ...(told ? told.because : [because('which identity it has is in no export that is read')])],
    answers,
    answersBecause,
    mapped: undefined,
  }
}

/** All nodes of a cluster of AKS have the identity of its kubelets. */
function azure(node: ClusterNode, { cluster, exports }: CloudContext): Machine {
  const ours = aksOf(cluster, exports)
  const isCut = ours?.podLinkLocalAccess?.toLowerCase() === 'none'
  return {
    node,
    provider: 'azure',
    to: cloudIdentity('azure', ours?.kubelet ?? `identity of nodes ${node.pool}`),
    truth: ours?.kubelet === undefined ? 'unknown' : 'yes',
    because: [
      because('a machine of Azure', node.object, ['spec', 'providerID']),
      ours?.kubelet === undefined
        ? because('which identity it has is in no export that is read')
        : { ...ours.from, text: `${ours.from.text}: identityProfile.kubeletidentity` },
    ],
    answers: isCut ? 'no' : 'yes',
    answersBecause: isCut && ours ? [{ ...ours.from, text: `${ours.from.text}: podLinkLocalAccess None` }] : [],
    mapped: undefined,
  }
}
