import { type Because, because } from '../../../cluster/because.ts'
import type { AwsRole } from '../../../cluster/cloud/exports.ts'
import { principalKey } from '../../../cluster/cloud/identity.ts'
import type { Shape } from '../../../cluster/workload.ts'
import type { Caller } from '../aws/caller.ts'
import type { Decision } from '../aws/decide.ts'
import { type PolicyDocument, readPolicy } from '../aws/document.ts'
import { mayAssume } from '../aws/trust.ts'
import { type AwsWorld, NOTHING_KNOWN } from '../aws/world.ts'
import { accountsOf } from '../aws-organization.ts'
import { statementBecause } from '../aws-statement.ts'
import { type Account, type CloudContext, type Link, subjectOf } from '../context.ts'
import { mayBeOurs, type WebTrust } from '../web-trust.ts'

export const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn'
const AUDIENCE_ANNOTATION = 'eks.amazonaws.com/audience'
const STS = 'sts.amazonaws.com'

/** Asks trust policies of the roles of an export, and the resource control policies above them; each is read once. */
export class RoleTrust {
  readonly #documents = new Map<AwsRole, PolicyDocument | undefined>()
  readonly #roles: ReadonlyMap<string, AwsRole>
  readonly #world: AwsWorld

  constructor({ exports }: Pick<CloudContext, 'exports'>) {
    const { roles } = exports.aws
    this.#roles = new Map(roles.map((role) => [principalKey(role.arn), role]))
    this.#world = {
      ...NOTHING_KNOWN,
      accounts: accountsOf(
        exports.aws,
        roles.map(({ arn }) => arn),
      ),
    }
  }

  /** Whether somebody may assume the role: as its trust policy has it, and the control policies of its account leave it. */
  asks(role: AwsRole, who: Caller): Decision {
    return mayAssume(this.document(role), who, { role: role.arn, world: this.#world })
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
    const { truth, controls } = role
      ? role.trust === undefined
        ? UNTOLD
        : web
          ? admits(context, trust, web, account)
          : REFUSED
      : UNTOLD
    if (truth === 'no') continue
    yield {
      account,
      link: {
        to: context.awsNode(arn),
        truth,
        isGiven: () => true,
        rule: 'irsa',
        because: [told, role ? role.from : because('whether the role trusts the account is in no export'), ...controls],
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
      const { truth, controls } = admits(context, trust, web, account)
      if (truth === 'no') continue
      const given = account.users.some(({ shape }) => mountsToken(shape))
      yield {
        account,
        link: {
          to: context.awsNode(web.role.arn),
          truth: truth === 'yes' && context.eks?.issuer !== undefined && given ? 'yes' : 'unknown',
          isGiven: mountsToken,
          rule: 'irsa',
          because: [
            web.role.from,
            because(
              'its trust policy admits the account; a token for the audience sts.amazonaws.com is all that it takes',
            ),
            ...controls,
          ],
        },
      }
    }
  }
}

interface Admission {
  readonly truth: 'yes' | 'unknown' | 'no'
  /** Statements of control policies that leave it open. */
  readonly controls: readonly Because[]
}

const UNTOLD: Admission = { truth: 'unknown', controls: [] }
const REFUSED: Admission = { truth: 'no', controls: [] }

/** The answer of the trust policy and of control policies; of another issuer than the cluster’s it is no. */
function admits(context: CloudContext, trust: RoleTrust, web: WebTrust, account: Account): Admission {
  const own = context.eks?.issuer
  const issuers = own === undefined ? web.issuers : web.issuers.filter((each) => each === own)
  const audience = account.annotations.get(AUDIENCE_ANNOTATION) ?? STS
  const decided = issuers.map((issuer) =>
    trust.asks(web.role, { kind: 'web-identity', issuer, subject: subjectOf(account), audience }),
  )
  if (decided.some(({ answer }) => answer === 'yes')) return { truth: 'yes', controls: [] }
  const open = decided.find(({ answer }) => answer === 'maybe')
  return open ? { truth: 'unknown', controls: controlsOf(open) } : REFUSED
}

/** What control policies have to do with a decision that is open. */
export function controlsOf({ answer, because: all }: Decision): readonly Because[] {
  if (answer !== 'maybe') return []
  return all
    .filter(({ part, statement }) => part === 'rcp' && statement.effect === 'deny')
    .map(({ statement, unknown }) => {
      const why = statementBecause(statement)
      return unknown.length === 0 ? why : { ...why, text: `${why.text}, which rests on ${unknown.join(', ')}` }
    })
}

function mountsToken({ pod }: Shape): boolean {
  return pod.volumes.some(({ sources }) => sources.some((each) => each.kind === 'token' && each.audience === STS))
}
