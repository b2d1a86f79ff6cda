// What kube-controller-manager finds in the expressions of a stored policy when it knows the schemas that the policy matches.
import { setTimeout } from 'node:timers/promises'
import { at, type JsonObject, list, string } from '../../src/cluster/json.ts'
import { type Api, nameOf, POLL_MS } from './api.ts'
import { policyName } from './binding.ts'

export type ExpressionWarning = { readonly field: string; readonly warning: string }

const CHECKED_MS = 30_000

/** `status.typeChecking` of an installed policy, once the controller has looked at it. Throws where no controller runs. */
export async function typeChecking(api: Api, policy: JsonObject): Promise<readonly ExpressionWarning[]> {
  const path = `${await api.collection(policy)}/${nameOf(policy)}`
  for (const deadline = Date.now() + CHECKED_MS; ; ) {
    const { body } = await api.request('GET', path)
    const status = at(body, 'status')
    const checked = at(status, 'observedGeneration') === at(body, 'metadata', 'generation')
    if (checked && at(status, 'typeChecking') !== undefined)
      return list(at(status, 'typeChecking', 'expressionWarnings')).map((each) => ({
        field: string(at(each, 'fieldRef')) ?? '',
        warning: string(at(each, 'warning')) ?? '',
      }))
    if (Date.now() > deadline)
      throw new Error(`${policyName(policy)} is not type-checked: does the controller manager run?`)
    await setTimeout(POLL_MS)
  }
}
