import { because } from '../../../cluster/because.ts'
import type { AwsRole } from '../../../cluster/cloud/exports.ts'
import { principalKey } from '../../../cluster/cloud/identity.ts'
import type { Shape } from '../../../cluster/workload.ts'
import { type PolicyDocument, readPolicy } from '../aws/document.ts'
import { mayAssume } from '../aws/trust.ts'
import { type Account, type CloudContext, type Link, subjectOf } from '../context.ts'
import { mayBeOurs, type WebTrust } from '../web-trust.ts'

export const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn'
const AUDIENCE_ANNOTATION = 'eks.amazonaws.com/audience'
const STS = 'sts.amazonaws.com'

/** Asks trust policies of the roles of an export; each is read once. */
export class RoleTrust {
  readonly #documents = new Map<AwsRole, PolicyDocument | undefined>()
  readonly #roles: ReadonlyMap<string, AwsRole>

  constructor({ exports }: Pick<CloudContext, 'exports'>) {
    this.#roles = new Map(exports.aws.roles.map((role) => [principalKey(role.arn), role]))
  }

  role(arn: string): AwsRole | undefined {
    return this.#roles.get(principalKey(arn))
  }

  document(role: AwsRole): PolicyDocument | undefined {
    if (!this.#documents.has(role))
      this.#documents.set(
        role,
        role.trust === undefined ? undefined : readPolicy(role.trust, { name: `trust policy of ${role.name}` }),
      )
    return this.#documents.get(role)
  }
}

/**
 * IAM roles for service accounts: the trust policy alone decides, the annotation only has a token given to the pods. With
 * the role in an export it is decided by its policy; without, the annotation says what is meant, and whether it holds is unknown.
 */
export function* irsaLinks(context: CloudContext, trust: RoleTrust): Generator<{ account: Account; link: Link }> {
  const trusts = new Map(context.trusts.map((each) => [each.role, each]))
  for (const account of context.accounts) {
    const arn = account.annotations.get(ROLE_ANNOTATION)
    if (arn === undefined) continue
    const told = because(`annotation ${ROLE_ANNOTATION}: ${arn}`, account.object, [
      'metadata',
      'annotations',
      ROLE_ANNOTATION,
    ])
    const role = trust.role(arn)
    const web = role && trusts.get(role)
    const truth = role
      ? role.trust === undefined
        ? 'unknown'
        : web
          ? admits(context, trust, web, account)
          : 'no'
      : 'unknown'
    if (truth === 'no') continue
    yield {
      account,
      link: {
        to: context.awsNode(arn),
        truth,
        isGiven: () => true,
        rule: 'irsa',
        because: [told, role ? role.from : because('whether the role trusts the account is in no export')],
      },
    }
  }
  yield* untold(context, trust)
}

/** Roles that trust an account which no annotation leads to them. */
function* untold(context: CloudContext, trust: RoleTrust): Generator<{ account: Account; link: Link }> {
  const bySubject = new Map(context.accounts.map((account) => [subjectOf(account), account]))
  for (const web of context.trusts) {
    if (!web.issuers.some((issuer) => mayBeOurs(issuer, context.eks?.issuer))) continue
    const asked = web.subjects ? web.subjects.flatMap((each) => bySubject.get(each) ?? []) : context.accounts
    for (const account of new Set(asked)) {
      const arn = account.annotations.get(ROLE_ANNOTATION)
      if (arn !== undefined && principalKey(arn) === principalKey(web.role.arn)) continue
      if (admits(context, trust, web, account) === 'no') continue
      const given = account.users.some(({ shape }) => mountsToken(shape))
      yield {
        account,
        link: {
          to: context.awsNode(web.role.arn),
          truth: context.eks?.issuer !== undefined && given ? 'yes' : 'unknown',
          isGiven: mountsToken,
          rule: 'irsa',
          because: [
            web.role.from,
            because(
              'its trust policy admits the account; a token for the audience sts.amazonaws.com is all that it takes',
            ),
          ],
        },
      }
    }
  }
}

/** The answer of the trust policy; of another issuer than the cluster’s it is no. */
function admits(context: CloudContext, trust: RoleTrust, web: WebTrust, account: Account): 'yes' | 'unknown' | 'no' {
  const own = context.eks?.issuer
  const issuers = own === undefined ? web.issuers : web.issuers.filter((each) => each === own)
  const audience = account.annotations.get(AUDIENCE_ANNOTATION) ?? STS
  const answers = issuers.map(
    (issuer) =>
      mayAssume(
        trust.document(web.role),
        { kind: 'web-identity', issuer, subject: subjectOf(account), audience },
        { role: web.role.arn },
      ).answer,
  )
  if (answers.includes('yes')) return 'yes'
  return answers.includes('maybe') ? 'unknown' : 'no'
}

function mountsToken({ pod }: Shape): boolean {
  return pod.volumes.some(({ sources }) => sources.some((each) => each.kind === 'token' && each.audience === STS))
}
