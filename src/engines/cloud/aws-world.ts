import type { Because } from '../../cluster/because.ts'
import type { AwsGroup, AwsRole, AwsUser, CloudExports, IamPolicy } from '../../cluster/cloud/exports.ts'
import type { Json } from '../../cluster/json.ts'
import { type PolicyDocument, readPolicy } from './aws/document.ts'
import type { AwsPrincipal, AwsWorld } from './aws/world.ts'
import { accountsOf } from './aws-organization.ts'

/** The world of the AWS evaluator as the exports tell it. */
export function awsWorld({ aws }: CloudExports): AwsWorld {
  const reader = new Documents(aws.managed)
  const groups = new Map(aws.groups.map((group) => [group.name, group]))
  const principals = new Map<string, AwsPrincipal>()
  for (const role of aws.roles) principals.set(role.arn, reader.role(role))
  for (const user of aws.users) principals.set(user.arn, reader.user(user, groups))
  return { principals, resources: new Map(), accounts: accountsOf(aws, [...principals.keys()]) }
}

class Documents {
  readonly #managed: ReadonlyMap<string, Json>
  readonly #read = new Map<string, PolicyDocument>()

  constructor(managed: ReadonlyMap<string, Json>) {
    this.#managed = managed
  }

  role(role: AwsRole): AwsPrincipal {
    const { documents, unread } = this.#policies(role.policies, role.from)
    const boundary = role.boundary === undefined ? undefined : this.#boundary(role.boundary)
    return {
      arn: role.arn,
      ...(role.id === undefined ? {} : { id: role.id }),
      tags: role.tags,
      policies: documents,
      // Where the export does not tell policies at all, what they hold is not known.
      unread: role.toldPolicies ? unread : [...unread, `policies of ${role.arn}`],
      ...(boundary ? { boundary } : {}),
      ...(role.trust === undefined
        ? {}
        : { trust: readPolicy(role.trust, { name: `trust policy of ${role.name}`, origin: role.from }) }),
    }
  }

  user(user: AwsUser, groups: ReadonlyMap<string, AwsGroup>): AwsPrincipal {
    const own = this.#policies(user.policies, user.from)
    const shared = user.groups
      .map((name) => groups.get(name))
      .flatMap((group) => (group ? [this.#policies(group.policies, group.from)] : []))
    const boundary = user.boundary === undefined ? undefined : this.#boundary(user.boundary)
    const missing = user.groups.filter((name) => !groups.has(name)).map((name) => `policies of group ${name}`)
    return {
      arn: user.arn,
      ...(user.id === undefined ? {} : { id: user.id }),
      tags: new Map(),
      policies: [...own.documents, ...shared.flatMap(({ documents }) => documents)],
      unread: [...own.unread, ...shared.flatMap(({ unread }) => unread), ...missing],
      ...(boundary ? { boundary } : {}),
    }
  }

  #policies(policies: readonly IamPolicy[], from: Because): { documents: PolicyDocument[]; unread: string[] } {
    const documents: PolicyDocument[] = []
    const unread: string[] = []
    for (const { name, arn, document } of policies) {
      const known = document === undefined ? this.#byArn(arn, name) : readPolicy(document, { name, origin: from })
      if (known) documents.push(known)
      else unread.push(arn ?? name)
    }
    return { documents, unread }
  }

  #byArn(arn: string | undefined, name: string): PolicyDocument | undefined {
    if (arn === undefined) return undefined
    const known = this.#read.get(arn)
    if (known) return known
    const written = this.#managed.get(arn)
    if (written === undefined) return undefined
    const made = readPolicy(written, { name, arn })
    this.#read.set(arn, made)
    return made
  }

  /** A boundary that no export holds bounds by what is not known. */
  #boundary(arn: string): PolicyDocument {
    return this.#byArn(arn, arn) ?? readPolicy(undefined, { name: arn, arn })
  }
}
