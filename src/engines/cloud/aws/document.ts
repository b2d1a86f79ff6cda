/** Where a policy comes from; `origin` is the reader’s own, and handed back untouched. */
export interface PolicySource {
  readonly name: string
  readonly arn?: string
  readonly origin?: unknown
}

export type PrincipalKind = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'

export interface Principals {
  /** NotPrincipal: all but these. */
  readonly not: boolean
  readonly named: readonly { readonly kind: PrincipalKind | '*'; readonly value: string }[]
}

/** Action or NotAction, Resource or NotResource. */
export interface Patterns {
  readonly not: boolean
  readonly patterns: readonly string[]
}

export interface Condition {
  /** As written: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

export interface Statement {
  readonly source: PolicySource
  /** The field in its document: `['Statement', 2]`. */
  readonly path: readonly (string | number)[]
  readonly sid?: string
  readonly effect: 'allow' | 'deny'
  readonly principals?: Principals
  readonly actions: Patterns
  /** Undefined in trust policies: the resource is what carries the policy. */
  readonly resources?: Patterns
  readonly conditions: readonly Condition[]
  /** Whether `${…}` is a variable: only documents of version 2012-10-17 have them. */
  readonly variables: boolean
}

export interface PolicyDocument {
  readonly source: PolicySource
  readonly statements: readonly Statement[]
  /** What could not be read. A document with problems may hold any statement besides those that were read. */
  readonly problems: readonly { readonly message: string; readonly path: readonly (string | number)[] }[]
}

type Fields = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const own = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined)

/** One text or a list of them; conditions may hold numbers and booleans. Undefined for anything else. */
function texts(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!list.every((each) => typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'))
    return undefined
  return list.map(String)
}

const KINDS: readonly string[] = ['AWS', 'Service', 'Federated', 'CanonicalUser'] satisfies PrincipalKind[]
const ELEMENTS: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])

/**
 * Reads a policy document: an object, JSON text, or the percent-encoded JSON text that the IAM API gives. Never throws;
 * what cannot be read is a problem, by which answers that rest on the document become `maybe`.
 */
export function readPolicy(value: unknown, source: PolicySource): PolicyDocument {
  const problems: { message: string; path: Path }[] = []
  const broken = (message: string, path: Path): undefined => {
    problems.push({ message, path })
    return undefined
  }
  const document = typeof value === 'string' ? parsed(value) : value
  if (!isFields(document)) {
    broken('is not a policy document', [])
    return { source, statements: [], problems }
  }
  const version = own(document, 'Version')
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17')
    broken('names a version that does not exist', ['Version'])
  const written = own(document, 'Statement')
  const list: readonly unknown[] = Array.isArray(written) ? written : [written]
  const statements: Statement[] = []
  for (let index = 0; index < list.length; index++) {
    const path: Path = Array.isArray(written) ? ['Statement', index] : ['Statement']
    const statement = readStatement(list[index], { source, path, variables: version === '2012-10-17' }, broken)
    if (statement !== undefined) statements.push(statement)
  }
  return { source, statements, problems }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(/^\s*%7b/i.test(text) ? decodeURIComponent(text) : text)
  } catch {
    return undefined
  }
}

function readStatement(
  value: unknown,
  head: Pick<Statement, 'source' | 'path' | 'variables'>,
  broken: (message: string, path: Path) => undefined,
): Statement | undefined {
  const { path } = head
  if (!isFields(value)) return broken('is not a statement', path)
  for (const key of Object.keys(value))
    if (!ELEMENTS.has(key)) return broken('holds an element that statements do not have', [...path, key])
  const effect = own(value, 'Effect')
  if (effect !== 'Allow' && effect !== 'Deny') return broken('is neither Allow nor Deny', [...path, 'Effect'])
  const actions = readPatterns(value, 'Action', path, broken)
  if (actions === undefined) return broken('has no actions', path)
  const resources = readPatterns(value, 'Resource', path, broken)
  const hasResources = Object.hasOwn(value, 'Resource') || Object.hasOwn(value, 'NotResource')
  if (resources === undefined && hasResources) return undefined
  const principals = readPrincipals(value, path, broken)
  if (principals === 'broken') return undefined
  const conditions = readConditions(own(value, 'Condition'), [...path, 'Condition'], broken)
  if (conditions === undefined) return undefined
  const sid = own(value, 'Sid')
  return {
    ...head,
    ...(typeof sid === 'string' && { sid }),
    effect: effect === 'Allow' ? 'allow' : 'deny',
    ...(principals !== undefined && { principals }),
    actions,
    ...(resources !== undefined && { resources }),
    conditions,
  }
}

function readPatterns(
  value: Fields,
  key: 'Action' | 'Resource',
  path: Path,
  broken: (message: string, path: Path) => undefined,
): Patterns | undefined {
  const positive = own(value, key)
  const negative = own(value, `Not${key}`)
  if (positive === undefined && negative === undefined) return undefined
  if (positive !== undefined && negative !== undefined) return broken(`has both ${key} and Not${key}`, path)
  const patterns = texts(positive ?? negative)
  if (patterns === undefined) return broken('is neither text nor a list of texts', [...path, key])
  return { not: positive === undefined, patterns }
}

function readPrincipals(
  value: Fields,
  path: Path,
  broken: (message: string, path: Path) => undefined,
): Principals | undefined | 'broken' {
  const positive = own(value, 'Principal')
  const negative = own(value, 'NotPrincipal')
  if (positive === undefined && negative === undefined) return undefined
  const refuse = (message: string): 'broken' => {
    broken(message, [...path, positive === undefined ? 'NotPrincipal' : 'Principal'])
    return 'broken'
  }
  if (positive !== undefined && negative !== undefined) return refuse('stands beside NotPrincipal')
  const written = positive ?? negative
  const is = { not: positive === undefined }
  if (written === '*') return { ...is, named: [{ kind: '*', value: '*' }] }
  if (!isFields(written)) return refuse('is neither * nor a map of principals')
  const named: { kind: PrincipalKind; value: string }[] = []
  for (const kind of Object.keys(written)) {
    const values = texts(written[kind])
    if (!KINDS.includes(kind) || values === undefined) return refuse('holds a principal of no known kind')
    for (const each of values) named.push({ kind: kind as PrincipalKind, value: each })
  }
  return { ...is, named }
}

function readConditions(
  value: unknown,
  path: Path,
  broken: (message: string, path: Path) => undefined,
): readonly Condition[] | undefined {
  if (value === undefined) return []
  if (!isFields(value)) return broken('is not a map of operators', path)
  const conditions: Condition[] = []
  for (const operator of Object.keys(value)) {
    const keys = value[operator]
    if (!isFields(keys)) return broken('is not a map of keys', [...path, operator])
    for (const key of Object.keys(keys)) {
      const values = texts(keys[key])
      if (values === undefined) return broken('is neither a value nor a list of values', [...path, operator, key])
      conditions.push({ operator, key, values })
    }
  }
  return conditions
}
