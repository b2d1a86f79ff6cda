import { because } from '../../cluster/because.ts'
import type { CloudExports, GcpBinding } from '../../cluster/cloud/exports.ts'
import type { Unknown } from '../engine.ts'
import type { CloudContext } from './context.ts'
import { isUntoldRole } from './gcp/roles.ts'
import { links } from './rules/accounts.ts'
import { unaskedAzure, untoldRoles } from './rules/azure-principals.ts'
import { MOST_ASKED, serviceAccountsOf } from './rules/google.ts'
import { unaskedGoogle } from './rules/google-principals.ts'
import { machines } from './rules/metadata.ts'
import { rulesOfPolicy } from './rules/policy-reach.ts'
import { unaskedOf, untoldControls } from './rules/principals.ts'

const MOST_TOLD = 20

/** One binding of each role that is not known. */
function untoldGoogleRoles({ bindings, roles }: CloudExports['gcp']): readonly GcpBinding[] {
  const found = new Map<string, GcpBinding>()
  for (const binding of bindings)
    if (!found.has(binding.role) && isUntoldRole(binding.role, roles)) found.set(binding.role, binding)
  return [...found.values()]
}

export function* cloudUnknowns(context: CloudContext): Generator<Unknown> {
  const { cluster, eks, exports } = context
  const open = [...links(context)].filter(({ link }) => link.truth === 'unknown')
  if (open.length > 0)
    yield {
      id: 'cloud-roles',
      message:
        'service accounts are meant to have roles of a cloud; whether the cloud lets them is in no export, or rests on what is not in one',
      count: open.length,
      because: open.slice(0, MOST_TOLD).flatMap(({ link }) => link.because[0] ?? []),
      settle:
        'give --cloud the exports: aws iam get-account-authorization-details and aws eks describe-cluster, gcloud asset search-all-iam-policies, az identity federated-credential list',
    }
  const guessed = machines(context).filter((each) => each.truth === 'unknown' || each.answers === 'unknown')
  if (guessed.length > 0)
    yield {
      id: 'cloud-node-roles',
      message:
        'nodes are machines of a cloud; which identity they have, or whether pods reach its credentials, is not known',
      count: guessed.length,
      because: guessed.slice(0, MOST_TOLD).map(({ node }) => because(node.name, node.object)),
      settle: 'give --cloud the output of aws ec2 describe-instances and aws iam get-account-authorization-details',
    }
  const unasked = unaskedOf(context) + unaskedGoogle(context) + unaskedAzure(context)
  if (unasked > 0)
    yield {
      id: 'cloud-principals',
      message: 'more principals of a cloud are reached than are asked what they become and reach in turn',
      count: unasked,
      because: [],
      settle: 'give --cloud the roles of this cluster’s account, or the policies of its project, alone',
    }
  const controls = untoldControls(context)
  if (controls.length > 0)
    yield {
      id: 'cloud-control-policies',
      message:
        'the exports tell a part of the control policies of an organisation of AWS; what the others allow and deny is not known',
      count: controls.length,
      because: controls.slice(0, MOST_TOLD).map((each) => because(each)),
      settle:
        'give --cloud the output of aws organizations describe-account, list-roots, list-policies-for-target of each level, and describe-policy',
    }
  const { denies } = exports.gcp
  const told = new Set(denies.flatMap(({ rules, resource, name }) => (rules ? [`${resource} ${name}`] : [])))
  const untold = denies.filter(({ resource, name }) => !told.has(`${resource} ${name}`))
  if (untold.length > 0)
    yield {
      id: 'cloud-deny-policies',
      message: 'deny policies of Google Cloud are named without their rules, which may take away anything below them',
      count: untold.length,
      because: untold.slice(0, MOST_TOLD).map(({ from }) => from),
      settle: 'give --cloud the output of gcloud projects get-ancestors-iam-policy PROJECT --include-deny',
    }
  const named = untoldGoogleRoles(exports.gcp)
  if (named.length > 0)
    yield {
      id: 'cloud-google-roles',
      message:
        'roles of Google Cloud are granted that are in no export and no table; what they hold is guessed by the service that they are named after, or may be anything',
      count: named.length,
      because: named.slice(0, MOST_TOLD).map(({ from }) => from),
      settle: 'give --cloud the output of gcloud iam roles describe ROLE, of each of them',
    }
  const roles = untoldRoles(exports)
  if (roles.length > 0)
    yield {
      id: 'cloud-azure-roles',
      message: 'roles of Azure are assigned whose definitions are in no export, and may permit anything',
      count: roles.length,
      because: roles.slice(0, MOST_TOLD).map(({ from }) => from),
      settle: 'give --cloud the output of az role definition list',
    }
  const many = serviceAccountsOf(exports.gcp).length - MOST_ASKED
  if (many > 0)
    yield {
      id: 'cloud-service-accounts',
      message: 'the exports have more service accounts of Google Cloud than are asked who may act as them',
      count: many,
      because: [],
      settle: 'give --cloud the exports of this cluster’s project alone',
    }
  if (!eks) return
  if (!eks.isSure)
    yield {
      id: 'cloud-cluster',
      message: 'the exports are of several clusters of EKS, and nothing says which of them the input is',
      count: exports.eks.clusters.length,
      because: exports.eks.clusters.slice(0, MOST_TOLD).map(({ from }) => from),
      settle: 'give --cloud the exports of one cluster',
    }
  if (eks.mode === undefined)
    yield {
      id: 'cloud-access-entries',
      message:
        'who is let into the cluster by access entries and access policies is in no object of it, and its authentication mode is in no export',
      count: 1,
      because: [],
      settle:
        'give --cloud the output of aws eks describe-cluster, describe-access-entry and list-associated-access-policies',
    }
  const agents = cluster.ofKind('DaemonSet', 'apps').filter(({ name }) => name === 'eks-pod-identity-agent')
  if (agents.length > 0 && !eks.toldPodIdentities)
    yield {
      id: 'cloud-pod-identity',
      message:
        'the agent of EKS Pod Identity runs, and which service accounts have associations is in no object of the cluster',
      count: agents.length,
      because: agents.map((each) => because('the agent', each)),
      settle: 'give --cloud the output of aws eks describe-pod-identity-association',
    }
  const strange = eks.associations.filter(({ policy }) => rulesOfPolicy(policy) === undefined)
  if (strange.length > 0)
    yield {
      id: 'cloud-access-policies',
      message:
        'access policies whose rules are not published, or newer than the table; they count as allowing everything',
      count: strange.length,
      because: strange.slice(0, MOST_TOLD).map(({ from }) => from),
      settle: 'look at them by hand',
    }
}
