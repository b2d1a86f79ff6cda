import { idOf } from '../object.ts'

/** Identities of clouds as nodes of the graph: `CloudIdentity/aws/ARN`, `CloudIdentity/gcp/EMAIL`, `CloudIdentity/azure/CLIENT-ID`. */
export type Provider = 'aws' | 'gcp' | 'azure'

export function cloudIdentity(provider: Provider, name: string): string {
  return idOf('CloudIdentity', provider, name)
}

const ROLE = /^arn:([\w-]{1,32}):iam::(\d{1,20}):role\/(.{1,1024})$/
const ASSUMED = /^arn:([\w-]{1,32}):sts::(\d{1,20}):assumed-role\/([^/]{1,256})(?:\/.{0,256})?$/

export interface RoleName {
  readonly account: string
  /** Without its path: names of roles are unique in an account, and aws-auth leaves the path out. */
  readonly name: string
}

/** The role that an ARN names: of itself, or of a session of it. */
export function roleOf(arn: string): RoleName | undefined {
  const [, , account, name] = ROLE.exec(arn) ?? ASSUMED.exec(arn) ?? []
  return account === undefined || name === undefined
    ? undefined
    : { account, name: name.slice(name.lastIndexOf('/') + 1) }
}

/** Equal for all ARNs of one principal; aws-iam-authenticator compares them without regard to case. */
export function principalKey(arn: string): string {
  const role = roleOf(arn)
  return (role ? `${role.account}:role/${role.name}` : arn).toLowerCase()
}

export function accountOf(arn: string): string | undefined {
  const account = arn.split(':', 6)[4]
  return account === undefined || account === '' ? undefined : account
}
