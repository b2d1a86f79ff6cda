// What the API server says of policies and objects: of each pair, and of what it would store.
import { type JsonObject, object, string } from '../../src/cluster/json.ts'
import { type Api, each } from './api.ts'
import { inLane, policyName, rebind } from './binding.ts'
import { bind, install, type PolicySet, uninstall } from './install.ts'
import { ask, objectsOf, outcomeOf, type Question, storable } from './question.ts'
import { type Denial, isWhole, type Outcome, warned } from './told.ts'
import { FURNITURE, makeNamespaces, makePodsNeeds } from './world.ts'

/** What one policy alone says of one question, bound with Deny. */
export type Pair = {
  readonly policy: string
  readonly question: string
  /**
   * The object as it would be stored, defaulted and mutated, with the label of the policy's lane: what the policy sees. Absent where
   * it is refused or its name is taken.
   */
  readonly stored?: JsonObject
} & (
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'deny'; readonly denial: Denial }
  /** By something else than the policy, so that nothing is known of the policy. */
  | { readonly verdict: 'refused'; readonly message: string }
)

/** What all policies together say of one question, bound with Warn. */
export type Reply = {
  readonly question: string
  readonly outcome: Outcome
  /** Every failed validation, by policy, in the order of the policy; the message is that of a denial. */
  readonly warned: ReadonlyMap<string, readonly string[]>
  /** No warning was dropped for want of room. Those of `mayBeSilent` policies may be missing all the same. */
  readonly whole: boolean
  /** The object as it would be stored without any policy. Absent where it is refused or its name is taken. */
  readonly stored?: JsonObject
}

export type Judgement = { readonly replies: readonly Reply[]; readonly pairs: readonly Pair[] }

export type JudgeOptions = {
  /** Which pairs are asked on their own; all by default. Connections have no labels, so they have no lane. */
  readonly pairs?: (policy: string, question: string) => boolean
}

/**
 * Installs the policies, asks every question once with all bindings at Warn, and every pair of a policy and a question on its own at
 * Deny; then takes the policies away. Bindings keep their selectors and parameters; their actions are replaced. The API server is
 * asked by dry run only, but what the objects need (namespaces, service accounts, old objects) is really made, and stays.
 */
export async function judge(
  api: Api,
  set: PolicySet,
  questions: readonly Question[],
  options: JudgeOptions = {},
): Promise<Judgement> {
  const stored = await prepare(api, questions)
  try {
    await install(api, { ...set, bindings: rebind(set.bindings, 'Warn', false) })
    const replies = await each(questions, async (question): Promise<Reply> => {
      const answer = await ask(api, question)
      const kept = stored.get(question.id)
      return {
        question: question.id,
        outcome: outcomeOf(question, answer),
        warned: warned(answer),
        whole: isWhole(answer),
        ...(kept ? { stored: kept } : {}),
      }
    })
    await bind(api, set, rebind(set.bindings, 'Deny', true))
    const wanted = set.policies
      .map(policyName)
      .flatMap((policy) => questions.map((question) => ({ policy, question })))
      .filter(({ question }) => question.operation !== 'CONNECT')
      .filter(({ policy, question }) => options.pairs?.(policy, question.id) ?? true)
    const pairs = await each(wanted, ({ policy, question }) => askPair(api, policy, question, stored.get(question.id)))
    return { replies, pairs }
  } finally {
    await uninstall(api, set)
  }
}

/** Makes what the questions need; returns what would be stored of each, by the question's id. */
async function prepare(api: Api, questions: readonly Question[]): Promise<Map<string, JsonObject>> {
  const stored = new Map<string, JsonObject>()
  const note = (wanted: (kind: string) => boolean) =>
    each(questions, async (question) => {
      if (question.operation === 'CONNECT' || !wanted(string(question.object.kind) ?? '')) return
      const answer = await ask(api, question)
      if (answer.code < 300) stored.set(question.id, object(answer.body))
    })
  const objects = questions.flatMap(objectsOf)
  // Before its name is taken by what is made here for others.
  await note((kind) => kind === 'Namespace')
  await makeNamespaces(api, objects)
  await note((kind) => FURNITURE.has(kind) && kind !== 'Namespace')
  await makePodsNeeds(api, objects)
  await each(questions, async (question) => {
    if (question.operation === 'UPDATE') await api.create(storable(question.oldObject))
  })
  await note((kind) => !FURNITURE.has(kind))
  return stored
}

/** Asks one policy, bound in its lane (see `rebind`), alone. `stored` is what is stored of the question's object otherwise. */
export async function askPair(api: Api, policy: string, question: Question, stored?: JsonObject): Promise<Pair> {
  if (question.operation === 'CONNECT') throw new Error(`${question.id}: a connection has no labels, so no lane`)
  const answer = await ask(api, question, inLane(question.object, policy))
  const told = outcomeOf(question, answer)
  const seen = answer.code < 300 ? object(answer.body) : stored && inLane(stored, policy)
  const about = { policy, question: question.id, ...(seen ? { stored: seen } : {}) }
  switch (told.kind) {
    case 'admitted':
      return { ...about, verdict: 'allow' }
    case 'denied':
      return { ...about, verdict: 'deny', denial: told.denial }
    case 'refused':
      return { ...about, verdict: 'refused', message: told.message }
  }
}
