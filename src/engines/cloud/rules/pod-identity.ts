import { because } from '../../../cluster/because.ts'
import { accountOf } from '../../../cluster/cloud/identity.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Account, CloudContext, Link } from '../context.ts'
import { controlsOf, type RoleTrust } from './irsa.ts'

/** The agent of EKS on each node, which gives the credentials (github.com/aws/eks-pod-identity-agent). */
export const POD_IDENTITY_AGENT = { address: '169.254.170.23', port: 80 } as const

/** Associations of EKS Pod Identity, which are in no object of the cluster but those of ACK. */
export function* podIdentityLinks(
  context: CloudContext,
  trust: RoleTrust,
): Generator<{ account: Account; link: Link }> {
  const accounts = new Map(context.accounts.map((each) => [each.id, each]))
  const { eks } = context
  const described = new Set(
    eks?.podIdentities.flatMap(({ namespace, account, role }) =>
      role === undefined ? [] : [`${namespace}/${account}`],
    ),
  )
  for (const { namespace, account: name, role: arn, from } of eks?.podIdentities ?? []) {
    // A list names no role; what describes the same association does.
    if (arn === undefined && described.has(`${namespace}/${name}`)) continue
    const id = idOf('ServiceAccount', namespace, name)
    const account = accounts.get(id) ?? { id, namespace, name, object: undefined, annotations: new Map(), users: [] }
    const role = arn === undefined ? undefined : trust.role(arn)
    const roleAccount = arn === undefined ? undefined : accountOf(arn)
    const decided =
      role &&
      trust.asks(role, {
        kind: 'pod-identity',
        namespace,
        serviceAccount: name,
        ...(roleAccount === undefined ? {} : { account: roleAccount }),
        ...(eks?.name === undefined ? {} : { cluster: eks.name }),
      })
    const answer = decided?.answer ?? 'maybe'
    if (answer === 'no') continue
    yield {
      account,
      link: {
        to: context.awsNode(arn ?? `role of the Pod Identity association of ${namespace}/${name}`),
        truth: answer === 'yes' && eks?.isSure === true ? 'yes' : 'unknown',
        isGiven: () => true,
        from: POD_IDENTITY_AGENT,
        rule: 'pod-identity',
        because: [
          from,
          role ? role.from : because('whether the role trusts EKS Pod Identity is in no export'),
          ...(decided ? controlsOf(decided) : []),
        ],
      },
    }
  }
}
