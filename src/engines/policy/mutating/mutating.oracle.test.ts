import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../../cluster/json.ts'
import { type KubeObject, toObject } from '../../../cluster/object.ts'
import { bindingOf } from '../admission/definition.ts'
import { inputsOf } from '../admission/inputs.ts'
import type { AdmissionRequest, Operation } from '../admission/request.ts'
import { isMutatingPolicy, mutationOf } from './definition.ts'
import { type Denial, Mutator } from './mutate.ts'
import { compileMutations } from './policy.ts'

interface Case {
  readonly name: string
  readonly topic: string
  readonly policies: readonly JsonObject[]
  readonly bindings: readonly JsonObject[]
  readonly params?: readonly JsonObject[]
  readonly request: {
    readonly operation: Operation
    readonly object: JsonObject
    readonly oldObject?: JsonObject
    readonly group: string
    readonly version: string
    readonly resource: string
    readonly namespace?: string
  }
  readonly verdict: { readonly object?: JsonObject; readonly denied?: Denial; readonly panic?: string }
}

const FILE = new URL('../../../../oracle/vectors/admission-mutating.json', import.meta.url)
const { kubernetes, cases } = JSON.parse(readFileSync(FILE, 'utf8')) as { kubernetes: string; cases: readonly Case[] }
const MINOR = Number(kubernetes.split('.')[1])

/** No source of objects tells who asks, so what hangs on it is unknown. */
const UNKNOWN: ReadonlyMap<string, string> = new Map([
  ['the request', 'request.userInfo'],
  ['the authorizer', 'authorizer.requestResource'],
])

const objectOf = (body: JsonObject): KubeObject => {
  const made = toObject(body, { source: 0, start: 0, end: 0, inner: [] }, { namespace: '', clusterScoped: new Set() })
  if (typeof made === 'string') throw new Error(made)
  return made
}

function ask({ policies, bindings, params = [], request }: Case): ReturnType<Mutator['mutate']> {
  const set = compileMutations(
    policies.map((each) => mutationOf(objectOf(each))),
    { minor: MINOR, mode: 'stored' },
  )
  const bound = Map.groupBy(
    bindings.map((each) => bindingOf(objectOf(each))),
    ({ policy }) => policy,
  )
  const uses = set.policies.map((policy) => ({ policy, bindings: bound.get(policy.definition.name) ?? [] }))
  const known = params.map(objectOf)
  const source = { find: () => known, brought: () => known, isComplete: () => true }
  const object = objectOf(request.object)
  const { namespace = '' } = request
  const asked: AdmissionRequest = {
    object,
    body: request.object,
    group: request.group,
    version: request.version,
    resource: request.resource,
    subresource: '',
    operation: request.operation,
    namespace,
    ...(object.namespace === '' ? {} : { place: place(object.namespace) }),
  }
  const mutator = new Mutator(set, uses, MINOR, source, (each, group, version) => ({
    ...inputsOf(each, group, version),
    oldObject: request.oldObject ?? null,
  }))
  return mutator.mutate(asked)
}

/** The namespace that the vectors say exists. */
function place(name: string): NonNullable<AdmissionRequest['place']> {
  const labels = { 'kubernetes.io/metadata.name': name }
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
  return {
    name,
    labels: new Map(Object.entries(labels)),
    annotations: new Map(),
    seen: true,
    object: objectOf(body),
    enforce: undefined,
  }
}

describe(`mutating admission as Kubernetes ${kubernetes} does it`, () => {
  assert.ok(isMutatingPolicy(objectOf(cases[0]?.policies[0] as JsonObject)))
  for (const each of cases)
    test(`${each.topic}: ${each.name}`, () => {
      const { body, denied, unknown, steps } = ask(each)
      const missing = UNKNOWN.get(each.name)
      if (missing !== undefined) {
        assert.equal(unknown, missing)
        return
      }
      assert.equal(unknown, undefined)
      const { object, denied: refused, panic } = each.verdict
      if (panic !== undefined) assert.deepEqual(denied?.causes, [panic])
      else {
        assert.deepEqual(denied, refused)
        assert.deepEqual(body, object ?? each.request.object)
      }
      if (denied !== undefined) assert.deepEqual(steps, [])
    })
})
