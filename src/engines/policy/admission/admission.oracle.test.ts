import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { compile, Meter } from '../../../cel/cel.ts'
import { Unknown } from '../../../cel/error.ts'
import type { Authorizer } from '../../../cel/library/authz.ts'
import { DYN } from '../../../cel/type.ts'
import { at, field, type Json, type JsonObject, object, string } from '../../../cluster/json.ts'
import type { Namespace } from '../../../cluster/namespace.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { refusalsOf } from '../refusal/refusals.ts'
import { PER_CALL_LIMIT } from './budget.ts'
import { matches } from './constraints.ts'
import { ADMISSION_GROUP, bindingOf, type Definition, definitionOf } from './definition.ts'
import { dispatch } from './dispatch.testing.ts'
import { admissionEnv } from './environment.ts'
import { inputsOf } from './inputs.ts'
import { type ParamSource, paramsOf } from './params.ts'
import { compileSet, declared } from './policy.ts'
import type { AdmissionRequest, Operation } from './request.ts'
import { Run } from './run.ts'

/** oracle/vectors/admission-validating.json. */
interface Case {
  readonly name: string
  readonly topic: string
  readonly policies: readonly JsonObject[]
  readonly bindings: readonly JsonObject[]
  readonly params?: readonly JsonObject[]
  readonly namespaces?: readonly JsonObject[]
  /** Kinds of params that the API server does not know. */
  readonly unknown?: readonly Json[]
  readonly request: {
    readonly operation: Operation
    readonly object?: JsonObject
    readonly oldObject?: JsonObject
    readonly group: string
    readonly version: string
    readonly kind: string
    readonly resource: string
    readonly subresource?: string
    readonly name?: string
    readonly namespace?: string
    readonly userInfo: JsonObject
    readonly dryRun?: boolean
  }
  readonly refused?: readonly string[]
  readonly verdict: {
    readonly denied?: { readonly reason: string; readonly causes: readonly string[] }
    readonly warnings?: readonly string[]
    readonly auditAnnotations?: JsonObject
    readonly panic?: string
  }
  readonly costs: readonly (readonly { readonly where: string; readonly cost?: number }[])[]
}

interface Rule {
  readonly match: Readonly<Record<string, string>>
  readonly decision: 'allow' | 'none'
  readonly reason?: string
  readonly error?: string
}

interface File {
  readonly kubernetes: string
  readonly authorizer: readonly Rule[]
  readonly cases: readonly Case[]
}

const FILE = new URL('../../../../oracle/vectors/admission-validating.json', import.meta.url)
const { kubernetes, authorizer: rules, cases } = JSON.parse(readFileSync(FILE, 'utf8')) as File
const MINOR = Number(kubernetes.split('.')[1])
const LANGUAGE = { minor: MINOR, mode: 'stored' } as const
const FAILURES = 'validation.policy.admission.k8s.io/validation_failure'

const authorizer: Authorizer = {
  check({ verb, serviceAccount, path, resource }) {
    const user = serviceAccount ? `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}` : 'alice'
    const asked: Readonly<Record<string, string | undefined>> = { verb, user, path, ...resource }
    const found = rules.find(({ match }) => Object.entries(match).every(([key, value]) => asked[key] === value))
    const { decision = 'none', reason = '', error } = found ?? {}
    return { allowed: decision === 'allow', reason, ...(error === undefined ? {} : { error }) }
  },
}

function objectOf(body: JsonObject): KubeObject {
  const apiVersion = string(field(body, 'apiVersion')) ?? ''
  const slash = apiVersion.lastIndexOf('/')
  const kind = string(field(body, 'kind')) ?? ''
  const name = string(at(body, 'metadata', 'name')) ?? ''
  const namespace = string(at(body, 'metadata', 'namespace')) ?? ''
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  return {
    id: `${kind}/${namespace}/${name}`,
    group,
    version: apiVersion.slice(slash + 1),
    kind,
    namespace,
    name,
    body,
  }
}

/** As the API server would have made it. */
function placeOf(name: string, { namespaces = [] }: Case): Namespace {
  const given = namespaces.find((body) => at(body, 'metadata', 'name') === name)
  const labels = { 'kubernetes.io/metadata.name': name, ...object(at(given, 'metadata', 'labels')) } as Record<
    string,
    string
  >
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
    ...given,
    metadata: { ...object(at(given, 'metadata')), name, labels },
  }
  const known = { seen: true, object: objectOf(body), enforce: undefined, annotations: new Map() }
  return { name, labels: new Map(Object.entries(labels)), ...known }
}

function requestOf(vector: Case): AdmissionRequest {
  const { request } = vector
  const { operation, group, version, kind, resource, subresource = '', name = '', namespace = '' } = request
  const body = request.object ?? request.oldObject ?? {}
  return {
    object: { ...objectOf(body), group, version, kind, name, namespace },
    body,
    group,
    version,
    resource,
    subresource,
    operation,
    namespace,
    ...(namespace === '' || (kind === 'Namespace' && operation !== 'DELETE')
      ? {}
      : { place: placeOf(namespace, vector) }),
    ...(request.oldObject ? { old: request.oldObject } : {}),
    user: withoutEmpty(request.userInfo),
    isDryRun: request.dryRun === true,
    authorizer,
  }
}

/** As encoding/json leaves out what is empty. */
function withoutEmpty(user: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(user).filter(([, value]) => value !== null && value !== ''))
}

function sourceOf({ params = [] }: Case): ParamSource {
  const all = params.map(objectOf)
  const find: ParamSource['find'] = ({ group, kind }) =>
    all.filter((each) => each.group === group && each.kind === kind)
  return { find, brought: find, isComplete: () => true }
}

/** What each expression costs alone, by the words of the vectors. */
function costsOf(vector: Case, definition: Definition): ReadonlyMap<string, number> {
  const set = compileSet([definition], LANGUAGE)
  const policy = set.policies[0]
  assert.ok(policy)
  const run = new Run(set.slots)
  const request = requestOf(vector)
  const match = matches(definition.constraints, request)
  if (match.truth !== 'yes') return new Map()
  run.begin(inputsOf(request, match.group, match.version))
  const withParams = definition.paramKind !== undefined
  const variables = new Map(
    [...policy.variables].map(([name, slot]) => [name, declared(set.slots[slot]?.program?.type ?? DYN)] as const),
  )
  const found = new Map<string, number>()
  const binding = vector.bindings
    .map((each) => bindingOf(objectOf(each)))
    .find((each) => each.policy === definition.name)
  const params = paramsOf(definition, binding?.params, request.namespace, sourceOf(vector))
  run.takeParams('values' in params ? (params.values[0] ?? null) : null)
  const say = (where: string, expression: string, withAuthorizer: boolean): void => {
    if (expression === '') return
    const { program } = compile(expression, admissionEnv({ ...LANGUAGE, withParams, withAuthorizer, variables }))
    if (!program) return
    run.use(policy.variables, withParams)
    run.activate()
    const meter = new Meter(PER_CALL_LIMIT)
    assert.ok(!(run.evaluate(program, meter) instanceof Unknown))
    found.set(where, run.pending + meter.cost)
  }
  for (const { name } of definition.variables) say(`variables.${name}`, `variables.${name}`, true)
  for (const [index, { name, expression }] of definition.conditions.entries())
    say(`matchConditions[${index}] ${name}`, expression, true)
  for (const [index, { expression, messageExpression }] of definition.validations.entries()) {
    say(`validations[${index}]`, expression, true)
    say(`validations[${index}].messageExpression`, messageExpression, false)
  }
  for (const { name, expression } of definition.auditAnnotations) say(`auditAnnotations ${name}`, expression, false)
  return found
}

/** By the name of the case, why it is not asked. */
const NOT_MODELLED: ReadonlyMap<string, string> = new Map([
  ['the default is Equivalent', 'no object is converted to a version with other fields: unknown'],
  ['from 2 to 1', 'the same'],
  ['events of another group', 'the same, to another group'],
  [
    'a namespace that is not there',
    'the API server refuses what goes into no namespace; an input that holds none of it is unknown',
  ],
  ['a namespace that is not there, with a selector', 'the same'],
  ['an unknown kind of params', 'which kinds a cluster serves is not known'],
  ['with the authorizer, in a message', 'variables are computed once an object; with an authorizer that no source has'],
  ['the fields of the request', '`request` cannot be iterated over: it is computed field by field'],
  ['the fields of the request for a subresource', 'the same'],
  ['the options', 'no source of objects tells the options of a request: unknown'],
  ['numbers of a custom resource', 'integers beyond 2^53 have lost digits when they were read'],
])

test('what would have to be converted is unknown', () => {
  const unknown = cases
    .filter(({ name }) => ['the default is Equivalent', 'from 2 to 1'].includes(name))
    .map((vector) => {
      const definitions = vector.policies.map((body) => definitionOf(objectOf(body)))
      const bindings = vector.bindings.map((body) => bindingOf(objectOf(body)))
      return dispatch(compileSet(definitions, LANGUAGE), bindings, requestOf(vector), sourceOf(vector)).unknown
    })
  assert.deepEqual(unknown, ['object', 'object'])
})

describe(`validating admission as Kubernetes ${kubernetes} does it`, () => {
  for (const vector of cases.filter(({ name }) => !NOT_MODELLED.has(name)))
    test(`${vector.topic}: ${vector.name}`, () => {
      const definitions = vector.policies.map((body) => definitionOf(objectOf(body)))
      const bindings = vector.bindings.map((body) => bindingOf(objectOf(body)))
      const told = dispatch(compileSet(definitions, LANGUAGE), bindings, requestOf(vector), sourceOf(vector))
      assert.equal(told.unknown, undefined)
      const { denied, warnings = [], auditAnnotations = {}, panic } = vector.verdict
      assert.equal(panic, undefined)
      assert.equal(told.denied?.cause, denied?.causes.at(-1))
      assert.equal(told.denied?.reason, denied?.reason)
      assert.deepEqual(told.warnings, warnings)
      const { [FAILURES]: failures, ...annotations } = auditAnnotations
      assert.deepEqual(Object.fromEntries(told.annotations), annotations)
      // The attributes of a request take an annotation once: of several failed validations the first is kept.
      assert.deepEqual(told.failures.slice(0, 1), failures ?? [])
    })

  test('at the same costs', () => {
    let compared = 0
    for (const vector of cases.filter(({ name }) => !NOT_MODELLED.has(name)))
      for (const [index, costs] of vector.costs.entries()) {
        const ours = costsOf(vector, definitionOf(objectOf(vector.policies[index] as JsonObject)))
        for (const { where, cost } of costs) {
          if (
            cost === undefined ||
            NOT_MODELLED.has(vector.name) ||
            ours.size === 0 ||
            costs.filter((each) => each.where === where).length > 1
          )
            continue
          compared++
          assert.equal(ours.get(where), cost, `${vector.name}: ${where}`)
        }
      }
    assert.ok(compared > 300, `${compared}`)
  })

  test('and refuses the same policies and bindings', () => {
    for (const { name, policies, bindings, refused = [] } of cases) {
      const ours = [...policies, ...bindings]
        .flatMap((body) => refusalsOf({ group: ADMISSION_GROUP, kind: String(body.kind), body }, MINOR))
        .map((refusal) => `${refusal.field}: ${refusal.message}`)
      assert.deepEqual(ours, refused, name)
    }
  })
})
