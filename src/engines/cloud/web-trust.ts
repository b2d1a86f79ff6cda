import type { AwsRole } from '../../cluster/cloud/exports.ts'
import { field, isObject, type Json, list, object, string } from '../../cluster/json.ts'

/** What a role's trust policy says of tokens of OpenID Connect: enough to tell for whom it is to be asked. */
export interface WebTrust {
  readonly role: AwsRole
  /** Issuers without their scheme, as the names of identity providers have them. */
  readonly issuers: readonly string[]
  /** The subjects that it names to the letter; undefined where a pattern, or nothing, says whom it admits. */
  readonly subjects: readonly string[] | undefined
}

const PROVIDER = ':oidc-provider/'

export function webTrusts(roles: readonly AwsRole[]): readonly WebTrust[] {
  return roles.flatMap((role) => {
    const issuers = new Set<string>()
    const subjects = new Set<string>()
    let isLiteral = true
    for (const statement of statementsOf(role.trust)) {
      const own = textsOf(field(field(statement, 'Principal'), 'Federated')).flatMap((arn) => {
        const at = arn.indexOf(PROVIDER)
        return at < 0 ? [] : [arn.slice(at + PROVIDER.length)]
      })
      if (own.length === 0 || field(statement, 'Effect') !== 'Allow') continue
      for (const issuer of own) issuers.add(issuer)
      const named = literalSubjects(field(statement, 'Condition'))
      if (!named) isLiteral = false
      for (const each of named ?? []) subjects.add(each)
    }
    return issuers.size === 0 ? [] : [{ role, issuers: [...issuers], subjects: isLiteral ? [...subjects] : undefined }]
  })
}

/** Whether tokens of an issuer may be those of the cluster: exactly, where an export tells its issuer, else by what EKS calls them. */
export function mayBeOurs(issuer: string, own: string | undefined): boolean {
  return own === undefined ? /^oidc(-[a-z]{1,10})?\.eks[.-]/.test(issuer) : issuer === own
}

function statementsOf(trust: Json | undefined): readonly Json[] {
  const statements = field(trust, 'Statement')
  return isObject(statements) ? [statements] : list(statements)
}

function literalSubjects(condition: Json | undefined): readonly string[] | undefined {
  for (const [operator, keys] of Object.entries(object(condition))) {
    if (!/^String(Equals|Like)$/i.test(operator)) continue
    for (const [key, values] of Object.entries(object(keys))) {
      const texts = textsOf(values)
      if (/:sub$/i.test(key) && texts.every((text) => !/[*?$]/.test(text))) return texts
    }
  }
  return undefined
}

function textsOf(value: Json | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : list(value).flatMap((each) => string(each) ?? [])
}
