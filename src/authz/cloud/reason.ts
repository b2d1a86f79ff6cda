import { bindingOfDescription } from '../reason.ts'

/** The authorizers of clouds that stand beside RBAC, as answers and reports name them. */
export type CloudAuthorizerName = 'EKS access policies' | 'Azure RBAC' | 'GKE IAM'

/** What the reason of an allowed request says of a cloud that allowed it. */
export interface CloudReason {
  readonly authorizer: CloudAuthorizerName
  /** EKS: the ARN of the access entry. */
  readonly principal?: string
  /** EKS: the access policy by its name. */
  readonly role?: string
}

const EKS = 'EKS Access Policy: allowed by '
const AZURE = 'Access allowed by Azure RBAC'
const GKE = 'access granted by IAM permissions.'

/**
 * Reads `authorization.k8s.io/reason` as the authorizers of managed clusters write it. EKS describes its policies as RBAC
 * does its bindings, named `PRINCIPAL-ARN+POLICY-ARN`; guard of AKS says Azure RBAC, GKE no more than that IAM did.
 * Undefined for anything else.
 */
export function cloudReasonOf(reason: string): CloudReason | undefined {
  if (reason === GKE) return { authorizer: 'GKE IAM' }
  if (reason === AZURE || reason.startsWith(`${AZURE} Role Assignment `)) return { authorizer: 'Azure RBAC' }
  if (!reason.startsWith(EKS)) return undefined
  const told = bindingOfDescription(reason, EKS.length)
  const plus = told?.name.indexOf('+arn:') ?? -1
  return told === undefined || plus < 0
    ? { authorizer: 'EKS access policies' }
    : {
        authorizer: 'EKS access policies',
        principal: told.name.slice(0, plus),
        role: told.roleName.slice(told.roleName.lastIndexOf('/') + 1),
      }
}
