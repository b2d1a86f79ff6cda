import { CelError, Unknown } from '../error.ts'
import type { FunctionDecl, Library } from '../library.ts'
import { sizeOf } from '../run/size.ts'
import { BOOL, objectType, STRING, type Type } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { charged, STRING_FACTOR } from './cost.ts'
import { define, member, NOMINAL } from './define.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from './dns-name.ts'
import { trimSpace } from './text.ts'

/** Whoever answers what the authorizer of a cluster would. */
export interface Authorizer {
  /** `unknown`: it cannot be said; reading the decision then throws `Unknown`. */
  check(attributes: Attributes): Decision | 'unknown'
}

/** What is asked. */
export interface Attributes {
  readonly verb: string
  /** Who asks, where it is not the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  /** Of a request for no resource. */
  readonly path?: string
  readonly resource?: ResourceAttributes
}

export interface ResourceAttributes {
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** As written; the empty string: none. What cannot be parsed selects everything. */
  readonly fieldSelector: string
  readonly labelSelector: string
}

export interface Decision {
  readonly allowed: boolean
  readonly reason: string
  readonly error?: string
}

export const AUTHORIZER_TYPE: Type = objectType('kubernetes.authorization.Authorizer')
const PATH_CHECK_TYPE: Type = objectType('kubernetes.authorization.PathCheck')
const GROUP_CHECK_TYPE: Type = objectType('kubernetes.authorization.GroupCheck')
export const RESOURCE_CHECK_TYPE: Type = objectType('kubernetes.authorization.ResourceCheck')
const DECISION_TYPE: Type = objectType('kubernetes.authorization.Decision')

/** The subject of a question that is being put together, or its answer. Kubernetes cannot compare them. */
class Asked<T> implements Opaque {
  readonly opaque = true
  readonly type: Type
  readonly of: T
  constructor(type: Type, of: T) {
    this.type = type
    this.of = of
  }
  equals(): boolean {
    throw new CelError('no such overload')
  }
  toString(): string {
    return this.type.kind === 'object' ? this.type.name : this.type.kind
  }
}

interface Subject {
  readonly authorizer: Authorizer
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
}

type PathCheck = Subject & { readonly path: string }
type GroupCheck = Subject & { readonly group: string }
type ResourceCheck = Subject & { readonly resource: ResourceAttributes }

/** The variable `authorizer`: it asks as the user of the request. */
export const authorizerValue = (authorizer: Authorizer): Value => new Asked<Subject>(AUTHORIZER_TYPE, { authorizer })

/** The variable `authorizer.requestResource`. */
export const requestResourceValue = (authorizer: Authorizer, resource: ResourceAttributes): Value =>
  new Asked<ResourceCheck>(RESOURCE_CHECK_TYPE, { authorizer, resource })

const of = <T>(value: Value | undefined): T => (value as unknown as Asked<T>).of

function path(authorizer: Value, text: string): Value {
  if (trimSpace(text) === '') throw new CelError('path must not be empty')
  return new Asked<PathCheck>(PATH_CHECK_TYPE, { ...of<Subject>(authorizer), path: text })
}

function serviceAccount(authorizer: Value, namespace: string, name: string): Value {
  if (dnsSubdomainProblems(name).length > 0) throw new CelError('Invalid service account name')
  if (dnsLabelProblems(namespace).length > 0) throw new CelError('Invalid service account namespace')
  return new Asked<Subject>(AUTHORIZER_TYPE, { ...of<Subject>(authorizer), serviceAccount: { namespace, name } })
}

function resource(group: Value, text: string): Value {
  if (trimSpace(text) === '') throw new CelError('resource must not be empty')
  const { group: own, ...subject } = of<GroupCheck>(group)
  const nothing = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' }
  return new Asked<ResourceCheck>(RESOURCE_CHECK_TYPE, {
    ...subject,
    resource: { group: own, resource: text, ...nothing },
  })
}

function narrowed(check: Value, part: Partial<ResourceAttributes>): Value {
  const own = of<ResourceCheck>(check)
  return new Asked<ResourceCheck>(RESOURCE_CHECK_TYPE, { ...own, resource: { ...own.resource, ...part } })
}

function decide(check: Value, verb: string): Value {
  const { authorizer, ...asked } = of<PathCheck | ResourceCheck>(check)
  const decision = authorizer.check({ verb, ...asked })
  if (decision === 'unknown') throw new Unknown('authorizer')
  return new Asked<Decision>(DECISION_TYPE, decision)
}

/** An authorization check costs so much that an expression can make two of them. */
const checkCost = charged(() => 350_000)

/** A selector is parsed into requirements: half of its characters may be as many of them. */
const selectorCost = charged((args) => {
  const size = sizeOf(args[1] as Value)
  return 10 + Math.ceil(size * STRING_FACTOR) + Math.ceil(Math.ceil(size * 0.5) * 50)
})

const ask = (
  name: string,
  id: string,
  from: Type,
  run: (value: Value, text: string) => Value,
  to: Type,
): FunctionDecl =>
  define(name, NOMINAL, [member(id, [from, STRING], to, (value, text) => run(value as Value, text as string))])

const narrow = (name: 'subresource' | 'namespace' | 'name'): FunctionDecl =>
  ask(
    name,
    `resourcecheck_${name}`,
    RESOURCE_CHECK_TYPE,
    (check, text) => narrowed(check, { [name]: text }),
    RESOURCE_CHECK_TYPE,
  )

const answer = (name: string, type: Type, read: (decision: Decision) => Value): FunctionDecl =>
  define(name, NOMINAL, [member(`decision_${name}`, [DECISION_TYPE], type, (decision) => read(of<Decision>(decision)))])

const check = (id: string, from: Type) =>
  member(id, [from, STRING], DECISION_TYPE, (value, verb) => decide(value as Value, verb as string))

/** k8s.io/apiserver pkg/cel/library/authz.go. */
export const AUTHZ: readonly Library[] = [
  {
    name: 'kubernetes.authz',
    since: 27,
    functions: [
      ask('path', 'authorizer_path', AUTHORIZER_TYPE, path, PATH_CHECK_TYPE),
      ask(
        'group',
        'authorizer_group',
        AUTHORIZER_TYPE,
        (value, group) => new Asked<GroupCheck>(GROUP_CHECK_TYPE, { ...of<Subject>(value), group }),
        GROUP_CHECK_TYPE,
      ),
      define('serviceAccount', NOMINAL, [
        member(
          'authorizer_serviceaccount',
          [AUTHORIZER_TYPE, STRING, STRING],
          AUTHORIZER_TYPE,
          (value, namespace, name) => serviceAccount(value as Value, namespace as string, name as string),
        ),
      ]),
      ask('resource', 'groupcheck_resource', GROUP_CHECK_TYPE, resource, RESOURCE_CHECK_TYPE),
      narrow('subresource'),
      narrow('namespace'),
      narrow('name'),
      define('check', checkCost, [
        check('pathcheck_check', PATH_CHECK_TYPE),
        check('resourcecheck_check', RESOURCE_CHECK_TYPE),
      ]),
      answer('errored', BOOL, ({ error }) => error !== undefined),
      answer('error', STRING, ({ error }) => error ?? ''),
      answer('allowed', BOOL, ({ allowed }) => allowed),
      answer('reason', STRING, ({ reason }) => reason),
    ],
  },
]

const selector = (name: 'fieldSelector' | 'labelSelector'): FunctionDecl =>
  define(name, selectorCost, [
    member(`authorizer_${name.toLowerCase()}`, [RESOURCE_CHECK_TYPE, STRING], RESOURCE_CHECK_TYPE, (value, text) =>
      narrowed(value as Value, { [name]: text as string }),
    ),
  ])

/** The same file's AuthzSelectors; up to 1.31 their feature gate was off. */
export const AUTHZ_SELECTORS: readonly Library[] = [
  { name: 'kubernetes.authzSelectors', since: 31, functions: [selector('fieldSelector'), selector('labelSelector')] },
]
