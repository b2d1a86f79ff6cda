import fc from 'fast-check'
import type { Context } from './context.ts'
import { readPolicy } from './document.ts'
import type { AwsPrincipal, AwsWorld } from './world.ts'

/**
 * Small policies over small alphabets, and a second evaluator of them that is written as the user guide reads: two-valued,
 * with every key known.
 */
export const ROLE = 'arn:aws:iam::111111111111:role/app'
export const USER = 'arn:aws:iam::111111111111:user/app'
export const OTHER = 'arn:aws:iam::222222222222:role/app'

export interface Written {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action?: string
  readonly NotAction?: string
  readonly Resource?: string
  readonly NotResource?: string
  readonly Principal?: unknown
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface Small {
  readonly caller: string
  readonly action: string
  readonly resource: string
  readonly identity: readonly Written[]
  readonly boundary: readonly Written[] | undefined
  readonly resourcePolicy: readonly Written[] | undefined
  readonly scps: readonly (readonly (readonly Written[])[])[]
  /** Of each key its values, or null: absent. */
  readonly values: Readonly<Record<string, readonly string[] | null>>
}

const ACTIONS = ['s3:GetObject', 's3:PutObject', 'sqs:SendMessage']
const RESOURCES = [
  'arn:aws:s3:::a/x',
  'arn:aws:s3:::b/x',
  'arn:aws:sqs:eu:111111111111:q',
  'arn:aws:sqs:eu:222222222222:q',
]
export const KEYS = ['aws:sourcevpc', 'aws:calledvia', 'app:level'] as const
const VALUES = ['a', 'b', 'ab', '1', '2']

const maybe = <T>(of: fc.Arbitrary<T>, nil: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(nil) }, of)
const conditions = fc.dictionary(
  fc.constantFrom(
    'StringEquals',
    'StringNotEquals',
    'StringLike',
    'StringNotLike',
    'StringEqualsIfExists',
    'StringNotEqualsIfExists',
    'ForAnyValue:StringEquals',
    'ForAllValues:StringEquals',
    'ForAnyValue:StringNotEquals',
    'ForAllValues:StringNotLike',
    'Null',
  ),
  fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('a', 'b', 'a*', '?', 'true', 'false'), {
    minKeys: 1,
    maxKeys: 2,
  }),
  { minKeys: 1, maxKeys: 2 },
)
const statement = (principals: readonly unknown[] | undefined): fc.Arbitrary<Written> =>
  fc
    .record({
      effect: fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Allow', 'Allow', 'Deny'),
      action: fc.tuple(
        fc.constantFrom('Action', 'Action', 'Action', 'NotAction'),
        fc.constantFrom(...ACTIONS, '*', '*', '*', 's3:*', 'S3:get*', '*:?e*'),
      ),
      resource: fc.tuple(
        fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'),
        fc.constantFrom(
          ...RESOURCES,
          '*',
          '*',
          '*',
          'arn:aws:s3:::*',
          'arn:aws:s3:::a/*',
          'arn:aws:sqs:*',
          `arn:aws:s3:::\${app:level}/x`,
        ),
      ),
      principal: principals === undefined ? fc.constant(undefined) : fc.constantFrom(...principals),
      condition: fc.oneof(fc.constant(undefined), conditions),
    })
    .map(({ effect, action, resource, principal, condition }) => ({
      Effect: effect,
      [action[0]]: action[1],
      [resource[0]]: resource[1],
      ...(principal !== undefined && { Principal: principal }),
      ...(condition !== undefined && { Condition: condition }),
    }))

const statements = (max: number, principals?: readonly unknown[]): fc.Arbitrary<readonly Written[]> =>
  fc.array(statement(principals), { maxLength: max })
const PRINCIPALS = [
  '*',
  { AWS: ROLE },
  { AWS: USER },
  { AWS: '111111111111' },
  { AWS: ['arn:aws:iam::222222222222:root', OTHER] },
  { Service: 'ec2.amazonaws.com' },
]

export const small: fc.Arbitrary<Small> = fc.record({
  caller: fc.constantFrom(ROLE, ROLE, USER),
  action: fc.constantFrom(...ACTIONS),
  resource: fc.constantFrom(...RESOURCES),
  identity: statements(3),
  boundary: maybe(statements(2), undefined),
  resourcePolicy: maybe<readonly Written[] | undefined>(statements(2, PRINCIPALS), undefined),
  scps: maybe(fc.array(fc.array(statements(2), { minLength: 1, maxLength: 2 }), { maxLength: 2 }), []),
  values: fc.record(
    Object.fromEntries(
      KEYS.map((key) => [
        key,
        fc.oneof(
          fc.constant(null),
          fc.constantFrom(...VALUES).map((value): readonly string[] => [value]),
        ),
      ]),
    ) as Record<string, fc.Arbitrary<readonly string[] | null>>,
  ),
})

export const statementOf = statement(undefined)

const policy = (list: readonly Written[], name: string) =>
  readPolicy({ Version: '2012-10-17', Statement: list }, { name })

export function worldOf(each: Small): AwsWorld {
  const principal: AwsPrincipal = {
    arn: each.caller,
    tags: new Map(),
    policies: [policy(each.identity, 'identity')],
    ...(each.boundary !== undefined && { boundary: policy(each.boundary, 'boundary') }),
  }
  const scps = each.scps.map((level) => level.map((list, index) => policy(list, `scp ${index}`)))
  return {
    principals: new Map([[each.caller, principal]]),
    resources: new Map([
      [each.resource, { policy: each.resourcePolicy === undefined ? null : policy(each.resourcePolicy, 'resource') }],
    ]),
    accounts: new Map([['111111111111', { scps, rcps: [] }]]),
  }
}

export const contextOf = (values: Small['values']): Context => new Map(Object.entries(values))

const glob = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text)

function holds(operator: string, wanted: string, values: readonly string[] | null): boolean {
  if (operator === 'Null') return wanted === String(values === null)
  if (values === null) {
    if (operator.endsWith('IfExists') || operator.startsWith('ForAllValues')) return true
    if (operator.startsWith('ForAnyValue')) return false
    return operator.includes('Not')
  }
  const one = (value: string): boolean => {
    const same = operator.includes('Like') ? glob(wanted, value) : value === wanted
    return operator.includes('Not') ? !same : same
  }
  return operator.startsWith('ForAllValues') ? values.every(one) : values.some(one)
}

function speaks(written: Written, each: Small): boolean {
  const action = (pattern: string): boolean => glob(pattern.toLowerCase(), each.action.toLowerCase())
  if (written.Action !== undefined ? !action(written.Action) : action(written.NotAction as string)) return false
  const level = each.values['app:level']
  const resource = (pattern: string): boolean => {
    if (!pattern.includes('${')) return glob(pattern, each.resource)
    return level !== null && glob(pattern.replace(`\${app:level}`, level?.[0] ?? ''), each.resource)
  }
  if (written.Resource !== undefined ? !resource(written.Resource) : resource(written.NotResource as string))
    return false
  return Object.entries(written.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, wanted as string, each.values[key] ?? null)),
  )
}

/** How a statement of a resource’s policy names the caller. */
function names(written: Written, caller: string): 'direct' | 'account' | 'any' | undefined {
  if (written.Principal === '*') return 'any'
  const { AWS } = written.Principal as { AWS?: string | readonly string[] }
  if (AWS === caller) return 'direct'
  return AWS === '111111111111' ? 'account' : undefined
}

/** Undefined where the user guide does not say what would come out. */
export function naive(each: Small): boolean | undefined {
  const allows = (list: readonly Written[]): boolean => list.some((one) => one.Effect === 'Allow' && speaks(one, each))
  const denies = (list: readonly Written[]): boolean => list.some((one) => one.Effect === 'Deny' && speaks(one, each))
  const named = (each.resourcePolicy ?? []).filter((one) => names(one, each.caller) !== undefined)
  const all = [...each.identity, ...(each.boundary ?? []), ...named, ...each.scps.flat(2)]
  if (denies(all)) return false
  if (!each.scps.every((level) => level.some(allows))) return false
  const within = each.boundary === undefined || allows(each.boundary)
  const identity = allows(each.identity) && within
  const by = (how: string): boolean => allows(named.filter((one) => names(one, each.caller) === how))
  if (each.resource.includes(':222222222222:')) return identity && allows(named)
  if (identity) return true
  if (by('direct') && (each.caller === USER || within)) return true
  if (by('any')) return within ? true : undefined
  return false
}
