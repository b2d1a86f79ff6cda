import { type Because, because } from '../../cluster/because.ts'
import type { CloudExports } from '../../cluster/cloud/exports.ts'
import type { GcpBinding } from '../../cluster/cloud/gcp-exports.ts'
import type { Unknown } from '../engine.ts'
import { azureWorld } from './azure/holdings.ts'
import type { CloudContext } from './context.ts'
import { isUntoldRole } from './gcp/roles.ts'
import { links } from './rules/accounts.ts'
import { unaskedMembers } from './rules/azure-entering.ts'
import { unaskedAzure, untoldRoles } from './rules/azure-principals.ts'
import { MOST_ASKED, serviceAccountsOf } from './rules/google.ts'
import { unaskedGoogle } from './rules/google-principals.ts'
import { machines } from './rules/machines.ts'
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

/** Something that is not known of each of these, with what says so of the first of them. */
function* untold<T>(
  all: readonly T[],
  about: Omit<Unknown, 'count' | 'because'>,
  why: (each: T) => Because | undefined = () => undefined,
): Generator<Unknown> {
  if (all.length > 0)
    yield { ...about, count: all.length, because: all.slice(0, MOST_TOLD).flatMap((each) => why(each) ?? []) }
}

/** The same where more are there than are looked at. */
function* beyond(count: number, about: Omit<Unknown, 'count' | 'because'>): Generator<Unknown> {
  if (count > 0) yield { ...about, count, because: [] }
}

const fromOf = ({ from }: { readonly from: Because }): Because => from

export function* cloudUnknowns(context: CloudContext): Generator<Unknown> {
  const { exports } = context
  yield* untold(
    [...links(context)].filter(({ link }) => link.truth === 'unknown'),
    {
      id: 'cloud-roles',
      message:
        'service accounts are meant to have roles of a cloud; whether the cloud lets them is in no export, or rests on what is not in one',
      settle:
        'give --cloud the exports: aws iam get-account-authorization-details and aws eks describe-cluster, gcloud asset search-all-iam-policies, az identity federated-credential list',
    },
    ({ link }) => link.because[0],
  )
  yield* untold(
    machines(context).filter((each) => each.truth === 'unknown' || each.answers === 'unknown'),
    {
      id: 'cloud-node-roles',
      message:
        'nodes are machines of a cloud; which identity they have, or whether pods reach its credentials, is not known',
      settle:
        'give --cloud the output of aws ec2 describe-instances and aws iam get-account-authorization-details, gcloud container clusters describe and gcloud compute instances list, or az aks show',
    },
    ({ node }) => because(node.name, node.object),
  )
  yield* beyond(unaskedOf(context) + unaskedGoogle(context) + unaskedAzure(context) + unaskedMembers(context), {
    id: 'cloud-principals',
    message: 'more principals of a cloud are reached than are asked what they become and reach in turn',
    settle: 'give --cloud the roles of this cluster’s account, or the policies of its project, alone',
  })
  yield* untold(
    untoldControls(context),
    {
      id: 'cloud-control-policies',
      message:
        'the exports tell a part of the control policies of an organisation of AWS; what the others allow and deny is not known',
      settle:
        'give --cloud the output of aws organizations describe-account, list-roots, list-policies-for-target of each level, and describe-policy',
    },
    (each) => because(each),
  )
  yield* googleUnknowns(exports)
  yield* azureUnknowns(exports)
  yield* eksUnknowns(context)
}

function* googleUnknowns({ gcp }: CloudExports): Generator<Unknown> {
  const told = new Set(gcp.denies.flatMap(({ rules, resource, name }) => (rules ? [`${resource} ${name}`] : [])))
  yield* untold(
    gcp.denies.filter(({ resource, name }) => !told.has(`${resource} ${name}`)),
    {
      id: 'cloud-deny-policies',
      message: 'deny policies of Google Cloud are named without their rules, which may take away anything below them',
      settle: 'give --cloud the output of gcloud projects get-ancestors-iam-policy PROJECT --include-deny',
    },
    fromOf,
  )
  yield* untold(
    untoldGoogleRoles(gcp),
    {
      id: 'cloud-google-roles',
      message:
        'roles of Google Cloud are granted that are in no export and no table; what they hold is guessed by the service that they are named after, or may be anything',
      settle: 'give --cloud the output of gcloud iam roles describe ROLE, of each of them',
    },
    fromOf,
  )
  const bound = new Set(gcp.boundaryBindings.map(({ policy }) => policy))
  const described = new Set(gcp.boundaries.map(({ name }) => name))
  yield* untold(
    [
      ...gcp.boundaryBindings.filter(({ policy }) => !described.has(policy)),
      ...gcp.boundaries.filter(({ name }) => !bound.has(name)),
    ],
    {
      id: 'cloud-boundaries',
      message:
        'principal access boundaries of Google Cloud are bound whose rules are in no export, or told without what they are bound to',
      settle:
        'give --cloud the output of gcloud iam principal-access-boundary-policies list and of gcloud iam policy-bindings list, of the organisation, its folders and projects',
    },
    fromOf,
  )
  yield* beyond(serviceAccountsOf(gcp).length - MOST_ASKED, {
    id: 'cloud-service-accounts',
    message: 'the exports have more service accounts of Google Cloud than are asked who may act as them',
    settle: 'give --cloud the exports of this cluster’s project alone',
  })
}

function* azureUnknowns({ azure }: CloudExports): Generator<Unknown> {
  yield* untold(
    untoldRoles({ azure }),
    {
      id: 'cloud-azure-roles',
      message: 'roles of Azure are assigned whose definitions are in no export, and may permit anything',
      settle: 'give --cloud the output of az role definition list',
    },
    fromOf,
  )
  const { untoldGroups, holdings } = azureWorld(azure)
  yield* untold(
    untoldGroups,
    {
      id: 'cloud-azure-groups',
      message: 'roles of Azure are assigned to groups of Entra ID whose members are in no export, or not all of them',
      settle:
        'give --cloud, of each group G, the output of az ad group member list --group G --query "{group: \'G\', members: @}"',
    },
    fromOf,
  )
  yield* untold(
    holdings.filter(({ activatedBy }) => activatedBy !== undefined),
    {
      id: 'cloud-azure-eligible',
      message:
        'roles of Azure can be activated by who does not hold them; whether that needs somebody’s approval is in no export',
      settle: 'look at the settings of the roles in Privileged Identity Management',
    },
    ({ assignment }) => assignment.from,
  )
}

function* eksUnknowns({ cluster, eks, exports }: CloudContext): Generator<Unknown> {
  if (!eks) return
  if (!eks.isSure)
    yield* untold(
      exports.eks.clusters,
      {
        id: 'cloud-cluster',
        message: 'the exports are of several clusters of EKS, and nothing says which of them the input is',
        settle: 'give --cloud the exports of one cluster',
      },
      fromOf,
    )
  yield* beyond(eks.mode === undefined ? 1 : 0, {
    id: 'cloud-access-entries',
    message:
      'who is let into the cluster by access entries and access policies is in no object of it, and its authentication mode is in no export',
    settle:
      'give --cloud the output of aws eks describe-cluster, describe-access-entry and list-associated-access-policies',
  })
  const agents = cluster.ofKind('DaemonSet', 'apps').filter(({ name }) => name === 'eks-pod-identity-agent')
  yield* untold(
    eks.toldPodIdentities ? [] : agents,
    {
      id: 'cloud-pod-identity',
      message:
        'the agent of EKS Pod Identity runs, and which service accounts have associations is in no object of the cluster',
      settle: 'give --cloud the output of aws eks describe-pod-identity-association',
    },
    (each) => because('the agent', each),
  )
  yield* untold(
    eks.associations.filter(({ policy }) => rulesOfPolicy(policy) === undefined),
    {
      id: 'cloud-access-policies',
      message:
        'access policies whose rules are not published, or newer than the table; they count as allowing everything',
      settle: 'look at them by hand',
    },
    fromOf,
  )
}
