import { because } from '../../../cluster/because.ts'
import type { GcpBinding } from '../../../cluster/cloud/exports.ts'
import { cloudIdentity } from '../../../cluster/cloud/identity.ts'
import type { Account, Certainty, CloudContext, Link } from '../context.ts'

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

/** Workload Identity Federation for GKE: annotations with the binding that they need, bindings alone, and principals themselves. */
export function* googleLinks(context: CloudContext): Generator<{ account: Account; link: Link }> {
  const { bindings } = context.exports.gcp
  const members = bindings.flatMap((binding) => {
    const member = memberOf(binding.member)
    return member ? [{ binding, member, gsa: serviceAccountOf(binding) }] : []
  })
  const isOurs = ({ pool }: Member): Certainty | 'no' =>
    context.project === undefined ? 'unknown' : pool === `${context.project}.svc.id.goog` ? 'yes' : 'no'
  for (const account of context.accounts) {
    const email = account.annotations.get(GSA_ANNOTATION)
    const fits = members.filter(
      ({ member }) =>
        isOurs(member) !== 'no' &&
        (member.namespace === undefined || member.namespace === account.namespace) &&
        (member.account === undefined || member.account === account.name),
    )
    if (email !== undefined) yield* annotated(context, account, email, fits)
    for (const { binding, member, gsa } of fits) {
      if (gsa !== undefined && gsa === email) continue
      const isAnother = IMPERSONATING.has(binding.role)
      if (isAnother && gsa === undefined) continue
      yield {
        account,
        link: {
          to: cloudIdentity(
            'gcp',
            isAnother ? (gsa as string) : `${member.pool}[${account.namespace}/${account.name}]`,
          ),
          truth:
            binding.condition === undefined && member.namespace !== undefined
              ? (isOurs(member) as Certainty)
              : 'unknown',
          isGiven: () => true,
          from: METADATA,
          rule: 'workload-identity',
          because: [binding.from],
        },
      }
    }
  }
}

function* annotated(
  context: CloudContext,
  account: Account,
  email: string,
  fits: readonly { readonly binding: GcpBinding; readonly gsa: string | undefined }[],
): Generator<{ account: Account; link: Link }> {
  const users = fits.filter(({ binding }) => IMPERSONATING.has(binding.role))
  // A policy of the project holds for all of its service accounts, one whose resource was not told for any.
  const exact = users.find(({ gsa, binding }) => gsa === email || isProject(binding.resource))
  const maybe = users.find(({ binding }) => binding.resource === undefined)
  const isTold = context.exports.gcp.bindings.some((each) => serviceAccountOf(each) === email)
  if (!exact && !maybe && isTold) return
  const by = exact ?? maybe
  yield {
    account,
    link: {
      to: cloudIdentity('gcp', email),
      truth: exact && exact.binding.condition === undefined ? 'yes' : 'unknown',
      isGiven: () => true,
      from: METADATA,
      rule: 'workload-identity',
      because: [
        because(`annotation ${GSA_ANNOTATION}: ${email}`, account.object, ['metadata', 'annotations', GSA_ANNOTATION]),
        by ? by.binding.from : because(`whether ${USER} is granted on it is in no export`),
      ],
    },
  }
}

function isProject(resource: string | undefined): boolean {
  return resource !== undefined && /(^|\/)projects\/[^/]+$/.test(resource)
}

/** The e-mail of the service account whose policy has the binding. */
function serviceAccountOf({ resource }: GcpBinding): string | undefined {
  const at = resource?.lastIndexOf('/serviceAccounts/') ?? -1
  return at < 0 ? undefined : resource?.slice(at + '/serviceAccounts/'.length)
}
