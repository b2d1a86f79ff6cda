import { type Because, because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Certainty, CloudContext } from '../context.ts'
import { type Machine, machines } from './machines.ts'

/** Row 48 of the union of the field. */
export const METADATA_KINDS: readonly EdgeKind[] = [
  {
    kind: 'node-role',
    title: 'has the credentials of',
    from: 'Node',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'the node is a machine of AWS, Google Cloud or Azure; which role it has is told by describe-instances, or by the only role that lets nodes in; of GKE by the instances or the node pools, of AKS by the identity of its kubelets',
    source: 'EC2 user guide, Use instance metadata; Compute Engine, VM metadata',
  },
  {
    kind: 'metadata',
    title: 'reads from the metadata service of its node the credentials of',
    from: 'workload',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'egress to 169.254.169.254 is not cut, and the pod is on the host network, or the hop limit of the instance is at least 2 or no session token is needed (IMDSv1); on Google Cloud not where the GKE metadata server answers in its place, which it does not for pods on the host network; on Azure not where the cluster cuts pods off (podLinkLocalAccess)',
    source:
      'EC2 user guide, Configure instance metadata options (HttpPutResponseHopLimit); GKE, About Workload Identity Federation, Restrictions; AKS, Restrict access to IMDS',
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
