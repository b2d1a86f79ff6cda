import type { Because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { idOf } from '../object.ts'
import { type Application, type Component, LAST_NAMED, type Step } from './application.ts'
import { becauseOf, type Claim, markOf, normal } from './claim.ts'
import type { Members, Node } from './members.ts'

/** An object that more applications share is nobody's member: `applicationsOf` still names them all. */
const MAX_SHARING = 64

/** An application while its parts are gathered. */
export interface Draft {
  readonly root: Node
  readonly workloads: string[]
  readonly namespaces: Set<string>
  readonly members: string[]
  readonly winners: Claim[]
}

export function collect(
  cluster: Cluster,
  nodes: ReadonlyMap<string, Node>,
  members: Members,
  winners: ReadonlyMap<Node, readonly Claim[]>,
  rootOf: (node: Node) => Node,
): Map<Node, Draft> {
  const drafts = new Map<Node, Draft>()
  const draftOf = (node: Node): Draft => {
    const root = rootOf(node)
    let draft = drafts.get(root)
    if (!draft) {
      draft = { root, workloads: [], namespaces: new Set(), members: [], winners: [] }
      drafts.set(root, draft)
    }
    return draft
  }
  for (const [node, claims] of winners) for (const claim of claims) draftOf(node).winners.push(claim)
  for (const { id, namespace } of cluster.workloads) {
    const draft = draftOf(nodes.get(id) as Node)
    draft.workloads.push(id)
    draft.namespaces.add(namespace)
  }
  for (const object of cluster.objects) {
    const of = members.nodes.get(object.id)
    if (!of || of.length > MAX_SHARING) continue
    for (const root of new Set(of.map(rootOf))) {
      const draft = draftOf(root)
      draft.members.push(object.id)
      // Only what runs places an application; where nothing is seen, what names it does.
      if (draft.workloads.length === 0 && object.namespace !== '') draft.namespaces.add(object.namespace)
    }
  }
  return drafts
}

export interface Named {
  readonly id: string
  readonly name: string
}

/**
 * Two applications whose ids would be equal (one name under two GitOps owners) are told apart by what they stand for;
 * the one that the configuration names keeps its name.
 */
export function chooseIds(drafts: readonly Draft[]): ReadonlyMap<Draft, Named> {
  const taken = new Map<string, Draft[]>()
  const wanted = new Map<Draft, Named>()
  for (const draft of drafts) {
    const name = nameOf(draft)
    const spans = draft.namespaces.size !== 1 || draft.winners.some(({ step }) => step === 1)
    const id = idOf('Application', spans ? '' : ([...draft.namespaces][0] as string), name)
    wanted.set(draft, { id, name })
    push(taken, id, draft)
  }
  for (const [id, same] of taken) {
    if (same.length < 2) continue
    for (const draft of same) {
      if (bestStep(draft.winners) === 1) continue
      const scope = [...draft.winners.map((claim) => claim.scope)].sort()[0] ?? draft.root
      wanted.set(draft, { id: `${id} (${scope})`, name: `${wanted.get(draft)?.name} (${scope})` })
    }
  }
  return wanted
}

function bestStep(claims: readonly Claim[]): Step {
  return claims.reduce<number>((best, { step }) => Math.min(best, step), 8) as Step
}

/** As the strongest claims spell it: the most frequent spelling, then the first. Without a claim, `Kind/name`. */
function nameOf({ winners, workloads }: Draft): string {
  const best = bestStep(winners)
  const votes = new Map<string, number>()
  for (const { step, name } of winners) if (step === best) votes.set(name, (votes.get(name) ?? 0) + 1)
  const [first] = [...votes].sort(([a, as], [b, bs]) => bs - as || (a < b ? -1 : 1))
  if (first) return first[0]
  const [kind, , ...name] = (workloads[0] as string).split('/')
  return `${kind}/${name.join('/')}`
}

export function finish(
  draft: Draft,
  { id, name }: Named,
  claims: ReadonlyMap<string, readonly Claim[]>,
  owner: Application['owner'],
): Application {
  const step = bestStep(draft.winners)
  const workloads = draft.workloads.toSorted()
  return {
    id,
    name,
    namespaces: [...draft.namespaces].sort(),
    workloads,
    members: draft.members.toSorted(),
    components: componentsOf(workloads, name, claims),
    step,
    resolved: step <= LAST_NAMED,
    evidence: evidenceOf(draft, claims),
    ...(owner ? { owner } : {}),
  }
}

const MAX_EVIDENCE = 12

/** Each thing that was said once, with the first object that said it; what decided comes first. */
function evidenceOf(
  { winners, workloads, root }: Draft,
  claims: ReadonlyMap<string, readonly Claim[]>,
): readonly Because[] {
  const said = new Map<string, Because>()
  const names = new Set(winners.map(({ name }) => normal(name)))
  const add = (claim: Claim): void => {
    if (said.size === MAX_EVIDENCE) return
    const because = becauseOf(claim)
    if (!said.has(because.text)) said.set(because.text, because)
  }
  for (const claim of winners.toSorted((a, b) => a.step - b.step || a.rank - b.rank)) add(claim)
  for (const id of workloads) for (const claim of claims.get(id) ?? []) if (names.has(normal(claim.name))) add(claim)
  if (said.size === 0) return [{ text: `nothing names an application for ${root}` }]
  return [...said.values()]
}

const COMPONENT_KEYS: ReadonlySet<string | undefined> = new Set([
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app',
])

function componentsOf(
  workloads: readonly string[],
  application: string,
  claims: ReadonlyMap<string, readonly Claim[]>,
): readonly Component[] {
  const byName = new Map<string, string[]>()
  for (const id of workloads) {
    const part = (claims.get(id) ?? []).find(
      (claim) => COMPONENT_KEYS.has(markOf(claim)?.key) && normal(claim.name) !== normal(application),
    )
    if (part) push(byName, part.name, id)
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, ids]) => ({ name, workloads: ids }))
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}
