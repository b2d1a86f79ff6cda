import type { Granted } from '../../../authz/authorizers.ts'
import { rbacAuthorizer } from '../../../authz/rbac.ts'
import type { ResourceRequest } from '../../../authz/rules.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { CloudContext } from '../context.ts'
import { mayBeOurs, type WebTrust } from '../web-trust.ts'
import { isEverything } from './aws-auth.ts'
import { RoleTrust } from './irsa.ts'

/** Row 35 of the union of the field, for accounts that are not there yet; those that are have the edge `cloud-role`. */
export const NEW_ACCOUNT_KIND: EdgeKind = {
  kind: 'new-account-role',
  title: 'can make a service account that has the role',
  from: 'User, Group, ServiceAccount',
  to: 'CloudIdentity',
  chance: '1',
  precondition:
    'create of serviceaccounts, and of pods or serviceaccounts/token, in a namespace of which the role’s trust policy admits accounts of any name',
  source: 'Amazon EKS user guide, IAM roles for service accounts',
}

/** A name that nobody gives: a policy that admits it admits any. */
const ANY = 'bulkhead-any-name'

export function* newAccountEdges(context: CloudContext): Generator<Edge> {
  const open = context.trusts.filter(
    ({ subjects, issuers }) =>
      subjects === undefined && issuers.some((issuer) => mayBeOurs(issuer, context.eks?.issuer)),
  )
  if (open.length === 0) return
  const trust = new RoleTrust(context)
  const rbac = rbacAuthorizer(context.known.policy())
  const held = (request: Pick<ResourceRequest, 'resource' | 'subresource'>): readonly Granted[] =>
    [
      ...rbac.holders({
        request: { verb: 'create', group: '', namespace: '', name: '', ...request },
        each: 'namespace',
      }),
    ].filter((granted) => !isEverything(granted))
  const makers = held({ resource: 'serviceaccounts', subresource: '' })
  const users = new Map<string, Granted[]>()
  for (const granted of [
    ...held({ resource: 'pods', subresource: '' }),
    ...held({ resource: 'serviceaccounts', subresource: 'token' }),
  ]) {
    const id = subjectId(granted.subject)
    const same = users.get(id)
    if (same) same.push(granted)
    else users.set(id, [granted])
  }
  for (const web of open) {
    const admitted = new Map(
      [...context.cluster.namespaces.keys()].map((name) => [name, admits(context, trust, web, name)] as const),
    )
    for (const maker of makers) {
      const from = subjectId(maker.subject)
      const user = users
        .get(from)
        ?.find((each) => each.namespace === '' || maker.namespace === '' || each.namespace === maker.namespace)
      if (!user) continue
      const place = maker.namespace === '' ? user.namespace : maker.namespace
      const answers = place === '' ? [...admitted.values()] : [admitted.get(place) ?? 'no']
      if (answers.every((each) => each === 'no')) continue
      yield {
        kind: 'new-account-role',
        from,
        to: context.awsNode(web.role.arn),
        chance: 1,
        truth: answers.includes('yes') && context.eks?.issuer !== undefined ? 'yes' : 'unknown',
        rule: [maker, user].map(({ grant }) => grant?.binding.object.id ?? '').join(' '),
        because: [...maker.because, ...user.because, web.role.from],
      }
    }
  }
}

function admits(context: CloudContext, trust: RoleTrust, web: WebTrust, namespace: string): 'yes' | 'unknown' | 'no' {
  const own = context.eks?.issuer
  const answers = web.issuers
    .filter((issuer) => own === undefined || issuer === own)
    .map(
      (issuer) =>
        trust.asks(web.role, {
          kind: 'web-identity',
          issuer,
          subject: `system:serviceaccount:${namespace}:${ANY}`,
          audience: 'sts.amazonaws.com',
        }).answer,
    )
  if (answers.includes('yes')) return 'yes'
  return answers.includes('maybe') ? 'unknown' : 'no'
}
