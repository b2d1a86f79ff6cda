import type { Edge, EdgeKind } from '../../engine.ts'
import type { Account, CloudContext, Link } from '../context.ts'
import { azureLinks } from './azure.ts'
import { googleLinks } from './google.ts'
import { irsaLinks, RoleTrust } from './irsa.ts'
import { podIdentityLinks } from './pod-identity.ts'

/** Row 49 of the union of the field. */
export const ACCOUNT_KINDS: readonly EdgeKind[] = [
  {
    kind: 'cloud-role',
    title: 'can get tokens that the cloud takes for',
    from: 'ServiceAccount',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'AWS: the role’s trust policy admits the account, or a Pod Identity association names it; Google Cloud: roles/iam.workloadIdentityUser, or a binding of the principal itself; Azure: a federated credential. From annotations alone, without an export, it is unknown',
    source: 'EKS, GKE and AKS user guides: IAM roles for service accounts, Pod Identity, Workload Identity',
  },
  {
    kind: 'cloud-token',
    title: 'is given credentials of',
    from: 'workload',
    to: 'CloudIdentity',
    chance: '1',
    precondition:
      'its service account has the role, its pods are given the token (annotation, association, label), and its egress reaches the address on the node that gives it, where there is one',
    source: 'amazon-eks-pod-identity-webhook, eks-pod-identity-agent, gke-metadata-server, azure-workload-identity',
  },
]

export function* links(context: CloudContext): Generator<{ account: Account; link: Link }> {
  const trust = new RoleTrust(context)
  yield* irsaLinks(context, trust)
  yield* podIdentityLinks(context, trust)
  yield* googleLinks(context)
  yield* azureLinks(context)
}

export function* accountEdges(context: CloudContext): Generator<Edge> {
  for (const { account, link } of links(context)) {
    yield {
      kind: 'cloud-role',
      from: account.id,
      to: link.to,
      chance: 1,
      truth: link.truth,
      rule: link.rule,
      because: link.because,
    }
    for (const workload of new Set(
      account.users.filter(({ shape }) => link.isGiven(shape)).map((each) => each.workload),
    )) {
      const reached = link.from && context.known.reachesAddress(workload, link.from.address, link.from.port)
      const isHost = workload.specs.some(({ pod }) => pod.hostNetwork)
      if (reached?.truth === 'no' && !isHost) continue
      yield {
        kind: 'cloud-token',
        from: workload.id,
        to: link.to,
        chance: 1,
        truth: reached?.truth === 'unknown' && !isHost ? 'unknown' : link.truth,
        rule: link.rule,
        because: link.because,
      }
    }
  }
}
