import { type PolicyDocument, readPolicy } from './document.ts'
import documents from './managed.json' with { type: 'json' }

const BY_NAME: ReadonlyMap<string, unknown> = new Map(Object.entries(documents.policies))
const made = new Map<string, PolicyDocument>()

/** Documents of the policies that AWS manages, by ARN, of those that matter to a cluster; the others are `missing`. */
export function managedPolicies(arns: readonly string[]): {
  readonly documents: readonly PolicyDocument[]
  readonly missing: readonly string[]
} {
  const found: PolicyDocument[] = []
  const missing: string[] = []
  for (const arn of arns) {
    const document = managedPolicy(arn)
    if (document === undefined) missing.push(arn)
    else found.push(document)
  }
  return { documents: found, missing }
}

export function managedPolicy(arn: string): PolicyDocument | undefined {
  const known = made.get(arn)
  if (known !== undefined) return known
  // The name follows a path: `service-role/`, `job-function/`.
  const name = /^arn:aws[a-z-]*:iam::aws:policy\/(?:[a-z-]+\/)?([\w+=,.@-]+)$/.exec(arn)?.[1]
  const written = name === undefined ? undefined : BY_NAME.get(name)
  if (written === undefined) return undefined
  const document = readPolicy(written, { name: name as string, arn })
  made.set(arn, document)
  return document
}
