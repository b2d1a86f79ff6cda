// Which policies judge an object is said by labels of the object, so that one request asks any set of policies.
import { at, type JsonObject, object, string } from '../../src/cluster/json.ts'
import { bindingOf, policyName } from './binding.ts'
import type { PolicySet } from './install.ts'

const DOMAIN = 'e2e.bulkhead.dev'

export type LaneAction = 'Deny' | 'Warn'

/** Validating policies, each bound twice: with Deny to the objects in its one lane, with Warn to those in its other. */
export class Lanes {
  readonly set: PolicySet
  readonly #numbers: ReadonlyMap<string, number>

  /** A policy that takes parameters gets the one of its kind. */
  constructor(policies: readonly JsonObject[], params: readonly JsonObject[]) {
    this.#numbers = new Map(policies.map((policy, index) => [policyName(policy), index]))
    const bindings = policies.flatMap((policy) => {
      const paramKind = at(policy, 'spec', 'paramKind', 'kind')
      const plain = bindingOf(
        policy,
        params.find(({ kind }) => kind === paramKind),
      )
      return (['Deny', 'Warn'] as const).map((action) => this.#bound(plain, action))
    })
    this.set = { policies, bindings, params }
  }

  get names(): readonly string[] {
    return [...this.#numbers.keys()]
  }

  /** The object, for these policies to judge, and no others. */
  labelled(body: JsonObject, action: LaneAction, policies: Iterable<string>): JsonObject {
    const metadata = object(body.metadata)
    const lanes = Object.fromEntries([...policies].map((policy) => [this.#lane(policy, action), '']))
    return { ...body, metadata: { ...metadata, labels: { ...object(metadata.labels), ...lanes } } }
  }

  #bound(binding: JsonObject, action: LaneAction): JsonObject {
    const spec = object(binding.spec)
    const lane = this.#lane(string(spec.policyName) ?? '', action)
    const name = `${String(spec.policyName)}-${action.toLowerCase()}`
    const matchResources = { objectSelector: { matchLabels: { [lane]: '' } } }
    return { ...binding, metadata: { name }, spec: { ...spec, validationActions: [action], matchResources } }
  }

  #lane(policy: string, action: LaneAction): string {
    const number = this.#numbers.get(policy)
    if (number === undefined) throw new Error(`${policy} is not in a lane`)
    return `${action.toLowerCase()}.${DOMAIN}/${number}`
  }
}
