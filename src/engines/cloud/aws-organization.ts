import type { AwsExports, ControlPolicy } from '../../cluster/cloud/exports.ts'
import { accountOf } from '../../cluster/cloud/identity.ts'
import { type PolicyDocument, readPolicy } from './aws/document.ts'
import type { AwsAccount } from './aws/world.ts'

/** The policies that AWS attaches at every level from the start; `describe-policy` would give these documents. */
const GIVEN: ReadonlyMap<string, PolicyDocument> = new Map(
  [
    { id: 'p-FullAWSAccess', statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
    { id: 'p-RCPFullAWSAccess', statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } },
  ].map(({ id, statement }) => [id, readPolicy({ Version: '2012-10-17', Statement: [statement] }, { name: id })]),
)

const NAMES = { SCP: 'SERVICE_CONTROL_POLICY', RCP: 'RESOURCE_CONTROL_POLICY' } as const
type Type = keyof typeof NAMES

/** A root, five levels of units, and the account; a chain that is longer, or leads in circles, is not one of AWS. */
const MOST_LEVELS = 16

/**
 * The accounts of principals with the control policies of each level above them. Where the exports say something of an
 * organisation, a level whose policies they do not list whole, and a place in the tree that they do not tell, may hold any
 * policy besides; where they say nothing, control policies are not known at all.
 */
export function accountsOf(aws: AwsExports, arns: readonly string[]): ReadonlyMap<string, AwsAccount> {
  const found = new Map<string, AwsAccount>()
  const levels = new Levels(aws)
  for (const id of new Set(arns.flatMap((arn) => accountOf(arn) ?? []))) {
    const organization = organizationOf(aws)
    const chain = chainOf(id, aws.parents)
    const scps = levels.of('SCP', id, chain)
    const rcps = levels.of('RCP', id, chain)
    const account: AwsAccount = {
      ...(organization === undefined || !(chain.isWhole || aws.organizations.has(id)) ? {} : { organization }),
      ...(organization === undefined || !chain.isWhole
        ? {}
        : { path: `${[organization, ...chain.ids.slice(1).reverse()].join('/')}/` }),
      ...(aws.organizations.has(id) ? { management: true } : {}),
      ...(scps ? { scps } : {}),
      ...(rcps ? { rcps } : {}),
    }
    if (Object.keys(account).length > 0) found.set(id, account)
  }
  return found
}

/** The one organisation of the exports; of several it is not said which an account is of. */
function organizationOf({ organizations }: AwsExports): string | undefined {
  const ids = new Set(organizations.values())
  const [only] = ids
  return ids.size === 1 && only !== '' ? only : undefined
}

interface Chain {
  /** From the account upwards. */
  readonly ids: readonly string[]
  /** Whether it ends at a root. */
  readonly isWhole: boolean
}

function chainOf(account: string, parents: ReadonlyMap<string, string>): Chain {
  const ids = new Set([account])
  let at = parents.get(account)
  while (at !== undefined && !ids.has(at) && ids.size < MOST_LEVELS) {
    ids.add(at)
    at = parents.get(at)
  }
  return { ids: [...ids], isWhole: at === undefined && [...ids].at(-1)?.startsWith('r-') === true }
}

class Levels {
  readonly #aws: AwsExports
  readonly #byId = new Map<string, ControlPolicy>()
  readonly #byTarget = new Map<string, ControlPolicy[]>()
  readonly #made = new Map<string, readonly PolicyDocument[]>()
  readonly #told: ReadonlySet<string>

  constructor(aws: AwsExports) {
    this.#aws = aws
    this.#told = new Set([
      ...aws.controls.map(({ type }) => type),
      ...[...aws.attached.keys()].map((key) => key.slice(0, 3)),
    ])
    for (const control of aws.controls) {
      if (control.id !== undefined) this.#byId.set(`${control.type} ${control.id}`, control)
      for (const target of new Set(control.targets)) {
        const key = `${control.type} ${target}`
        const same = this.#byTarget.get(key)
        if (same) same.push(control)
        else this.#byTarget.set(key, [control])
      }
    }
  }

  /** Undefined where the exports say nothing of policies of the type; none where the type is switched off. */
  of(type: Type, account: string, chain: Chain): readonly (readonly PolicyDocument[])[] | undefined {
    const root = chain.isWhole ? this.#aws.roots.find(({ id }) => id === chain.ids.at(-1)) : undefined
    if (root && !root.enabled.includes(NAMES[type])) return []
    if (root === undefined && !this.#told.has(type)) return undefined
    const levels = chain.ids.map((id) => this.#level(type, id))
    return chain.isWhole ? levels : [...levels, [unread(`control policies above ${chain.ids.at(-1) ?? account}`)]]
  }

  #level(type: Type, target: string): readonly PolicyDocument[] {
    const key = `${type} ${target}`
    const known = this.#made.get(key)
    if (known) return known
    const ids = this.#aws.attached.get(key)
    const found = new Map<string, PolicyDocument>()
    for (const id of ids ?? []) {
      const control = this.#byId.get(`${type} ${id}`)
      found.set(id, control ? read(control) : (GIVEN.get(id) ?? unread(`control policy ${id}`)))
    }
    for (const control of this.#byTarget.get(key) ?? []) found.set(control.id ?? control.name, read(control))
    // A level has one policy at least, so that an empty list is one that is not told.
    if (ids === undefined || ids.length === 0) found.set('', unread(`other control policies of ${target}`))
    const made = [...found.values()]
    this.#made.set(key, made)
    return made
  }
}

function read({ name, document, from }: ControlPolicy): PolicyDocument {
  return readPolicy(document, { name, origin: from })
}

/** It may allow and deny anything. */
function unread(name: string): PolicyDocument {
  return readPolicy(undefined, { name })
}

/** What is not known of control policies of accounts of which the exports tell some, in words. */
export function untoldLevels(accounts: ReadonlyMap<string, AwsAccount>): readonly string[] {
  const found = new Set<string>()
  for (const { scps = [], rcps = [], management } of accounts.values())
    if (management !== true)
      for (const { source, problems } of [...scps, ...rcps].flat()) if (problems.length > 0) found.add(source.name)
  return [...found]
}
