// Asks the API server what the product's evaluator has already said of an object, of every policy that matches it.
import type { JsonObject } from '../../src/cluster/json.ts'
import type { Api } from './api.ts'
import type { LaneAction, Lanes } from './lanes.ts'
import type { Judge, Verdict } from './ours.ts'
import { storable } from './question.ts'
import { isWhole, outcome, warned } from './told.ts'

/** A policy's word on an object, by both. */
export type Compared = {
  readonly policy: string
  readonly object: string
  /** By which binding the API server was asked. */
  readonly asked: LaneAction
  /** Undefined: the policy does not match the object. */
  readonly ours: Verdict | undefined
  readonly theirs: { readonly verdict: 'allow' } | { readonly verdict: 'deny'; readonly messages: readonly string[] }
}

export type CompareOptions = {
  /** Which policies are asked about that we think allow the object, or do not match it. */
  readonly allowed: ReadonlySet<string>
  /** Which of those that we think deny it are asked by Deny, one by one, besides. */
  readonly alone: ReadonlySet<string>
}

/** Warnings beyond 4,096 characters are cut: so many policies that deny are asked at once. */
const AT_ONCE = 12
/** A policy that denies what we think it allows hides the others. */
const MOST_DENIALS = 20
/** How often a word is asked for that the API server did not say: the keys of a map come in another order each time. */
const ASKED_AGAIN = 200

/** The object must be one that the API server takes without policies. */
export async function compare(
  api: Api,
  lanes: Lanes,
  judge: Judge,
  id: string,
  body: JsonObject,
  { allowed, alone }: CompareOptions,
): Promise<Compared[]> {
  const denied = [...judge(body)].filter(([, { verdict }]) => verdict === 'deny').map(([policy]) => policy)
  const found: Compared[] = []
  const ask = async (action: LaneAction, policies: readonly string[]) => {
    const labelled = storable(lanes.labelled(body, action, policies))
    const said = judge(labelled)
    const answer = await api.dryRunCreate(labelled)
    const note = (policy: string, theirs: Compared['theirs']) =>
      found.push({ policy, object: id, asked: action, ours: said.get(policy), theirs })
    return { answer, note }
  }

  let open = [...allowed]
  for (let round = 0; open.length > 0; round++) {
    if (round > MOST_DENIALS) throw new Error(`${id}: denied by ${round} policies that should allow it`)
    const { answer, note } = await ask('Deny', open)
    const told = outcome(answer)
    if (told.kind === 'refused') throw new Error(`${id} is refused with labels only: ${told.message}`)
    if (told.kind === 'admitted') {
      for (const policy of open) note(policy, { verdict: 'allow' })
      break
    }
    note(told.denial.policy, { verdict: 'deny', messages: [told.denial.message] })
    open = open.filter((policy) => policy !== told.denial.policy)
  }

  // A warning of several lines does not come, so silence says nothing.
  const silent = new Set(alone)
  const queue: string[][] = []
  for (let start = 0; start < denied.length; start += AT_ONCE) queue.push(denied.slice(start, start + AT_ONCE))
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { answer, note } = await ask('Warn', next)
    if (!isWhole(answer) && next.length > 1) {
      queue.push(next.slice(0, next.length >> 1), next.slice(next.length >> 1))
      continue
    }
    const warnings = warned(answer)
    for (const policy of next) {
      const messages = warnings.get(policy)
      if (messages === undefined) silent.add(policy)
      else note(policy, { verdict: 'deny', messages })
    }
  }

  for (const policy of denied.filter((each) => silent.has(each))) {
    const { answer, note } = await ask('Deny', [policy])
    const told = outcome(answer)
    note(policy, told.kind === 'denied' ? { verdict: 'deny', messages: [told.denial.message] } : { verdict: 'allow' })
  }

  const says = async ({ policy, asked }: Compared): Promise<readonly string[] | undefined> => {
    const { answer } = await ask(asked, [policy])
    if (asked === 'Warn') return warned(answer).get(policy)
    const told = outcome(answer)
    return told.kind === 'denied' ? [told.denial.message] : undefined
  }
  return Promise.all(found.map((pair) => (agree(pair) ? pair : askedAgain(pair, says))))
}

/**
 * cel-go goes through the keys of a map in Go's order, which is another at each evaluation (stringIfaceMapAccessor in
 * common/types/map.go), so a message that joins keys is one of several. Ours must be among those that the API server says of the same object.
 */
async function askedAgain(
  pair: Compared,
  says: (pair: Compared) => Promise<readonly string[] | undefined>,
): Promise<Compared> {
  if (pair.ours?.verdict !== 'deny' || pair.theirs.verdict !== 'deny') return pair
  for (let time = 0; time < ASKED_AGAIN; time++) {
    const messages = await says(pair)
    if (messages === undefined) return pair
    const again: Compared = { ...pair, theirs: { verdict: 'deny', messages } }
    if (agree(again)) return again
  }
  return pair
}

/**
 * Whether both say the same: a policy that does not match allows, *unknown* never agrees. By Deny the API server tells the first
 * message alone, by Warn all of them, equal ones once.
 */
export function agree({ ours, theirs, asked }: Compared): boolean {
  const verdict = ours?.verdict ?? 'allow'
  if (verdict !== theirs.verdict) return false
  if (ours?.verdict !== 'deny' || theirs.verdict !== 'deny') return true
  const own = asked === 'Deny' ? ours.messages.slice(0, 1) : [...new Set(ours.messages)]
  return JSON.stringify(own) === JSON.stringify(theirs.messages)
}
