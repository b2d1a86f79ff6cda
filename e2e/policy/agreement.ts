// Thousands of pairs of a policy and an object, asked of the product and of the API server.
import { at, type JsonObject, list, object } from '../../src/cluster/json.ts'
import { type Api, each } from './api.ts'
import { policyName } from './binding.ts'
import { agree, type Compared, compare } from './compare.ts'
import { install, uninstall } from './install.ts'
import { Lanes } from './lanes.ts'
import { donorsOf, mutant, sibling } from './mutants.ts'
import { type Judge, ours, type Verdict } from './ours.ts'
import { customKinds, type Example, identity } from './pool.ts'
import { ask } from './question.ts'
import { type Random, seeded } from './random.ts'
import { makeNamespaces, makePodsNeeds } from './world.ts'

export type AgreementOptions = {
  readonly policies: readonly JsonObject[]
  readonly params: readonly JsonObject[]
  readonly examples: readonly Example[]
  readonly minor: number
  readonly seed: number
  /** Random mutants, before those that are made of the examples of checks that came too short. */
  readonly mutants: number
  /** How often each check is asked each way at least, as far as objects can be made that the API server takes. */
  readonly eachWay: number
  /** Of the pairs that should be allowed, how many are asked for each that should be denied; Infinity: all. */
  readonly allowedPerDenied: number
  /** Of the pairs that should be denied, the share that is asked by Deny besides. */
  readonly alone: number
}

export type Agreement = {
  readonly pairs: readonly Compared[]
  readonly disagreements: readonly Compared[]
  /** What the API server would store of each object without policies, and what was sent. */
  readonly stored: readonly { readonly id: string; readonly sent: JsonObject; readonly stored: JsonObject }[]
  /** How many objects the API server did not take, policies aside. */
  readonly refused: number
  /** Pairs by check, as the API server judged them; only those in which the policy matches the object. */
  readonly tally: ReadonlyMap<string, { readonly allow: number; readonly deny: number }>
}

/** Installs the policies in lanes, asks, and takes them away. */
export async function agreement(api: Api, options: AgreementOptions): Promise<Agreement> {
  const random = seeded(options.seed)
  const lanes = new Lanes(options.policies, options.params)
  for (const definition of customKinds()) await api.apply(definition)
  api.forgetDiscovery()
  const bodies = await served(
    api,
    options.examples.map(({ body }) => body),
  )
  await makeWorld(api, [...bodies, ...options.params])
  const judge = ours(options.policies, {
    minor: options.minor,
    params: options.params,
    namespaces: await namespacesOf(api),
  })
  // Before there are policies, which take their time.
  const taken = await objectsToAsk(api, judge, bodies, random, options)
  const chosen = choose(judge, lanes, taken.accepted, random, options)
  await install(api, lanes.set)
  try {
    const pairs = (
      await each(chosen, ({ id, sent, allowed, alone }) => compare(api, lanes, judge, id, sent, { allowed, alone }))
    ).flat()
    return {
      pairs,
      disagreements: pairs.filter((pair) => !agree(pair)),
      stored: taken.accepted,
      refused: taken.refused,
      tally: tallyOf(pairs),
    }
  } finally {
    await uninstall(api, lanes.set)
  }
}

/** Objects of kinds that the API server serves, without a name that is only begun. */
async function served(api: Api, bodies: readonly JsonObject[]): Promise<JsonObject[]> {
  const found: JsonObject[] = []
  for (const body of bodies)
    if ((await api.resource(String(body.apiVersion), String(body.kind))) !== undefined) found.push(body)
  return found
}

async function makeWorld(api: Api, bodies: readonly JsonObject[]): Promise<void> {
  await makeNamespaces(api, bodies)
  await makePodsNeeds(api, bodies)
}

async function namespacesOf(api: Api): Promise<JsonObject[]> {
  const { body } = await api.request('GET', '/api/v1/namespaces')
  return list(at(body, 'items')).map((item) => ({ apiVersion: 'v1', kind: 'Namespace', ...object(item) }))
}

type Asked = Agreement['stored'][number]

/** The objects, mutants of them, and mutants of those that checks without enough answers deny or allow. */
async function objectsToAsk(
  api: Api,
  judge: Judge,
  bodies: readonly JsonObject[],
  random: Random,
  { mutants, eachWay }: AgreementOptions,
): Promise<{ accepted: Asked[]; refused: number }> {
  const donors = donorsOf(bodies)
  const seen = new Set<string>()
  const accepted: Asked[] = []
  let refused = 0
  let number = 0
  const offer = async (offered: readonly JsonObject[]): Promise<void> => {
    const fresh = offered.filter((body) => {
      const key = identity(body)
      return !seen.has(key) && seen.add(key)
    })
    await makeWorld(api, fresh)
    const answers = await each(fresh, (body) => ask(api, { id: '', operation: 'CREATE', object: body }))
    for (const [index, { code, body }] of answers.entries()) {
      const sent = fresh[index] as JsonObject
      if (code < 300) accepted.push({ id: `${number++} ${String(sent.kind)}`, sent, stored: object(body) })
      else refused++
    }
  }
  await offer(bodies)
  await offer(Array.from({ length: mutants }, () => mutant(random.pick(bodies), donors, random)))
  const ways = new Map<string, Ways>()
  let counted = 0
  for (let round = 0; round < ROUNDS; round++) {
    for (; counted < accepted.length; counted++) count(ways, judge, accepted[counted] as Asked)
    const short = [...ways].flatMap(([, { allow, deny }]) =>
      [allow, deny].filter((found) => found.length > 0 && found.length < eachWay),
    )
    if (short.length === 0) break
    await offer(
      short.flatMap((found) =>
        Array.from({ length: Math.min(eachWay, 2 * (eachWay - found.length)) }, (_, index) => {
          const { sent } = random.pick(found)
          return random.chance(0.5) ? sibling(sent, number + index, random) : mutant(sent, donors, random)
        }),
      ),
    )
  }
  return { accepted, refused }
}

const ROUNDS = 8

/** The objects that we think a check allows and denies. */
type Ways = { readonly allow: Asked[]; readonly deny: Asked[] }

function count(ways: Map<string, Ways>, judge: Judge, asked: Asked): void {
  for (const [policy, { verdict }] of judge(asked.sent)) {
    const way = ways.get(policy) ?? { allow: [], deny: [] }
    if (verdict !== 'unknown') way[verdict].push(asked)
    ways.set(policy, way)
  }
}

type Chosen = Asked & { readonly allowed: ReadonlySet<string>; readonly alone: ReadonlySet<string> }

/**
 * Objects of which some check was not asked often enough yet, in random order. Of each, all that should be denied is asked;
 * what should be allowed in turn, the checks first that were asked least.
 */
function choose(
  judge: Judge,
  lanes: Lanes,
  asked: readonly Asked[],
  random: Random,
  { eachWay, allowedPerDenied, alone }: AgreementOptions,
): Chosen[] {
  const times = { allow: new Map<string, number>(), deny: new Map<string, number>() }
  const timesOf = (way: 'allow' | 'deny', policy: string) => times[way].get(policy) ?? 0
  return shuffled(asked, random).flatMap((each): Chosen[] => {
    const said = judge(each.sent)
    const of = (way: Verdict['verdict']) => [...said].filter(([, { verdict }]) => verdict === way).map(([name]) => name)
    const denied = of('deny')
    const scarce = (way: 'allow' | 'deny') => of(way).some((policy) => timesOf(way, policy) < eachWay)
    if (!scarce('deny') && !scarce('allow') && of('unknown').length === 0) return []
    const allowed = of('allow')
      .sort((a, b) => timesOf('allow', a) - timesOf('allow', b))
      .slice(0, Math.max(1, Math.ceil(denied.length * allowedPerDenied)))
    for (const policy of denied) times.deny.set(policy, timesOf('deny', policy) + 1)
    for (const policy of allowed) times.allow.set(policy, timesOf('allow', policy) + 1)
    const others = lanes.names.filter((policy) => !said.has(policy))
    return [
      {
        ...each,
        allowed: new Set([...allowed, ...of('unknown'), ...others]),
        alone: new Set(denied.filter(() => random.chance(alone))),
      },
    ]
  })
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  for (let last = left.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const [a, b] = [left[last] as T, left[other] as T]
    left[last] = b
    left[other] = a
  }
  return left
}

function tallyOf(pairs: readonly Compared[]): Agreement['tally'] {
  const counts = new Map<string, { allow: number; deny: number }>()
  const seen = new Set<string>()
  for (const { policy, object: id, ours: own, theirs } of pairs) {
    if (own === undefined || seen.has(`${policy} ${id}`)) continue
    seen.add(`${policy} ${id}`)
    const count = counts.get(policy) ?? { allow: 0, deny: 0 }
    count[theirs.verdict]++
    counts.set(policy, count)
  }
  return counts
}

export function validatingOf(bodies: readonly JsonObject[]): JsonObject[] {
  return bodies.filter((body) => body.kind === 'ValidatingAdmissionPolicy').sort(byName)
}

function byName(a: JsonObject, b: JsonObject): number {
  return policyName(a) < policyName(b) ? -1 : 1
}
