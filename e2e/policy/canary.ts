// Waits until the API server judges by the policies that it was given.
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { at, type JsonObject, object } from '../../src/cluster/json.ts'
import { type Answer, type Api, nameOf, POLL_MS } from './api.ts'
import { ADMISSION, bindingOf, policyName, rebind } from './binding.ts'
import { warned } from './told.ts'

const CANARY = 'e2e.bulkhead.dev/canary'
/** The API server learns of a new paramKind when it reads discovery anew, every half minute. */
const ACTIVE_MS = 90_000

/**
 * Returns when policies and bindings created before are active. Both reach admission in the order of their creation, and all that came
 * is taken over at once, every second (refreshPolicies in k8s.io/apiserver/pkg/admission/plugin/policy/generic/policy_source.go): so
 * when a policy created last is active, all are. Each kind of policy and each paramKind has a canary of its own, since a paramKind may
 * be unknown or not yet read.
 */
export async function active(
  api: Api,
  policies: readonly JsonObject[],
  bindings: readonly JsonObject[],
): Promise<void> {
  const wanted = new Map<string, JsonObject>([['', { kind: 'ValidatingAdmissionPolicy' }]])
  for (const policy of policies) {
    const binding = bindings.find((each) => at(each, 'spec', 'policyName') === policyName(policy))
    const paramKind = object(at(policy, 'spec', 'paramKind'))
    const paramRef = object(at(binding, 'spec', 'paramRef'))
    const refs = (await exists(api, paramKind, paramRef)) ? { paramKind, paramRef } : {}
    wanted.set(JSON.stringify([policy.kind, refs]), { kind: policy.kind!, ...refs })
  }
  const nonce = randomBytes(4).toString('hex')
  const canaries = [...wanted.values()].map((each, index) => canary(`e2e-canary-${nonce}-${index}`, each))
  for (const { policy } of canaries) await api.apply(policy)
  for (const { binding } of canaries) await api.apply(binding)
  for (const { policy, binding, probe } of canaries) {
    for (const deadline = Date.now() + ACTIVE_MS; ; ) {
      const answer = await api.dryRunCreate(probe)
      if (sings(policy, answer)) break
      if (Date.now() > deadline) throw new Error(`policies are not active: ${JSON.stringify(answer)}`)
      await setTimeout(POLL_MS)
    }
    if (isKept(policy)) continue
    await api.delete(binding)
    await api.delete(policy)
  }
}

/** By its warning, which comes whatever other policies deny; a mutating one by what it adds. */
function sings(policy: JsonObject, answer: Answer): boolean {
  const added = at(answer.body, 'metadata', 'annotations', CANARY) === 'active'
  return added || warned(answer).has(policyName(policy))
}

/**
 * The watch of a built-in kind is stopped when the last policy that takes it as a parameter goes, and never started again
 * (ensureParamsForPolicyLocked in policy_source.go cancels what the shared informer factory believes to run): later policies would
 * see the parameters of that moment. So one policy of each such kind stays.
 */
function isKept(policy: JsonObject): boolean {
  return at(policy, 'spec', 'paramKind', 'apiVersion') === 'v1'
}

async function exists(api: Api, paramKind: JsonObject, { name, namespace }: JsonObject): Promise<boolean> {
  if (name === undefined || paramKind.kind === undefined) return false
  const metadata = { name, namespace: namespace ?? 'default' }
  const param: JsonObject = { apiVersion: paramKind.apiVersion!, kind: paramKind.kind, metadata }
  return (await api.request('GET', `${await api.collection(param)}/${nameOf(param)}`)).code === 200
}

function canary(name: string, { kind, paramKind, paramRef }: JsonObject) {
  const matchLabels = { [CANARY]: name }
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }
  const matchConstraints = { resourceRules: [rule], objectSelector: { matchLabels } }
  const effect: JsonObject =
    kind === 'ValidatingAdmissionPolicy'
      ? { validations: [{ expression: 'false', message: 'active' }] }
      : {
          reinvocationPolicy: 'Never',
          mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
        }
  const policy: JsonObject = {
    apiVersion: ADMISSION,
    kind: kind!,
    metadata: { name },
    spec: { ...(paramKind === undefined ? {} : { paramKind }), matchConstraints, ...effect },
  }
  const [plain] = rebind([bindingOf(policy)], 'Warn', false)
  const binding = { ...plain, spec: { ...object(plain?.spec), ...(paramRef === undefined ? {} : { paramRef }) } }
  const metadata = { name, namespace: 'default', labels: matchLabels }
  const probe: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
  return { policy, binding, probe }
}

const expression = `Object{metadata: Object.metadata{annotations: {"${CANARY}": "active"}}}`
