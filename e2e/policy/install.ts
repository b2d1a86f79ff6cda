// Puts policies and their bindings into the API server, and takes them out again.
import { setTimeout } from 'node:timers/promises'
import { at, type JsonObject, list } from '../../src/cluster/json.ts'
import { type Api, each, nameOf, POLL_MS } from './api.ts'
import { active } from './canary.ts'

const ESTABLISHED_MS = 30_000

export type PolicySet = {
  /** Validating and mutating ones. */
  readonly policies: readonly JsonObject[]
  readonly bindings: readonly JsonObject[]
  /** What the policies need: definitions of resources first, then parameters. */
  readonly params: readonly JsonObject[]
}

/** Definitions, then parameters, then policies, then bindings; returns when they are active. Throws when one is refused. */
export async function install(api: Api, set: PolicySet): Promise<void> {
  for (const param of set.params) {
    await api.apply(param)
    if (param.kind === 'CustomResourceDefinition') await established(api, param)
  }
  await each(set.policies, (policy) => api.apply(policy))
  await bind(api, set, set.bindings)
}

/** Replaces the bindings of installed policies; returns when the new ones are active. */
export async function bind(api: Api, set: PolicySet, bindings: readonly JsonObject[]): Promise<void> {
  await each(bindings, (binding) => api.apply(binding))
  await active(api, set.policies, bindings)
}

/** Returns when nothing is judged by them any more. */
export async function uninstall(api: Api, set: PolicySet): Promise<void> {
  await each(set.bindings, (binding) => api.delete(binding))
  await each(set.policies, (policy) => api.delete(policy))
  for (const param of [...set.params].reverse()) await api.delete(param)
  api.forgetDiscovery()
  await active(api, [], [])
}

async function established(api: Api, definition: JsonObject): Promise<void> {
  const path = `${await api.collection(definition)}/${nameOf(definition)}`
  for (const deadline = Date.now() + ESTABLISHED_MS; ; ) {
    const { body } = await api.request('GET', path)
    const conditions = list(at(body, 'status', 'conditions'))
    if (conditions.some((each) => at(each, 'type') === 'Established' && at(each, 'status') === 'True')) break
    if (Date.now() > deadline) throw new Error(`${path} is not established`)
    await setTimeout(POLL_MS)
  }
  api.forgetDiscovery()
}
