import { because } from '../../../cluster/because.ts'
import { at } from '../../../cluster/json.ts'
import type { ClusterNode } from '../../../cluster/node.ts'
import type { Place } from '../../../cluster/placement.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { isBestEffort, type PodAmounts } from '../bounds/pod-amounts.ts'
import type { Exhaustion, SourceKind } from './exhaustion.ts'
import { exhaustion, type Hits, type Survey } from './survey.ts'

/** What pods of a node share, and whom it hits when one of them takes it all. */
interface Shared {
  readonly resource: 'memory' | 'ephemeral-storage' | 'cpu'
  readonly title: string
  /** Whether a pod with these amounts suffers. */
  readonly hits: (amounts: PodAmounts) => boolean
  readonly why: string
  readonly cap: string
  /** Whether a client's requests alone can drive it. */
  readonly byClient: boolean
}

const has = (amounts: PodAmounts, name: string): boolean => (amounts.requests.get(name) ?? 0n) > 0n

const SHARED: readonly Shared[] = [
  {
    resource: 'memory',
    title: 'memory',
    // pkg/kubelet/eviction ranks pods by what they use over their request; the kernel's killer does alike (oom_score_adj).
    hits: (amounts) => !isGuaranteed(amounts),
    why: 'has no limit of memory: the node runs out before it is stopped',
    cap: 'limits of memory, by a LimitRange where nobody says',
    byClient: true,
  },
  {
    resource: 'ephemeral-storage',
    title: 'disk',
    hits: (amounts) => !has(amounts, 'ephemeral-storage'),
    why: 'has no limit of ephemeral storage: logs and files may fill the node’s disk',
    cap: 'limits of ephemeral-storage, and sizeLimit of emptyDir volumes',
    byClient: false,
  },
  {
    resource: 'cpu',
    title: 'CPU',
    // Who asked for CPU keeps its share when all is taken (cpu.weight); who did not has next to none.
    hits: (amounts) => !has(amounts, 'cpu'),
    why: 'has no limit of CPU: what nobody asked for is all its own',
    cap: 'requests of CPU on whatever matters; limits on whatever does not',
    byClient: true,
  },
]

function isGuaranteed(amounts: PodAmounts): boolean {
  if (isBestEffort(amounts)) return false
  const equal = ({ requests, limits }: Pick<PodAmounts, 'requests' | 'limits'>): boolean =>
    ['cpu', 'memory'].every((name) => {
      const limit = limits.get(name)
      return limit !== undefined && limit > 0n && requests.get(name) === limit
    })
  return amounts.podLevel ? equal(amounts.podLevel) : amounts.containers.every(equal)
}

/** Whether a pod may take as much of a resource as there is. */
function isUnlimited(amounts: PodAmounts, resource: string): boolean {
  if ((amounts.podLevel?.limits.get(resource) ?? 0n) > 0n) return false
  return amounts.containers.some(({ limits }) => !((limits.get(resource) ?? 0n) > 0n))
}

/** One pod without a limit, and its neighbours on the node. */
export function* nodes(survey: Survey): Generator<Exhaustion> {
  const groups = groupsOf(survey)
  for (const shared of SHARED) {
    const suffering = sufferersOf(survey, groups, shared)
    const guilty = survey.workloads.filter((workload) => {
      const amounts = survey.amountsOf(workload)
      return amounts !== undefined && isUnlimited(amounts, shared.resource)
    })
    yield* ofNodes(survey, shared, guilty, suffering, 'pod')
    if (!shared.byClient) continue
    const open = guilty.filter(({ id }) => survey.unlimited.has(id))
    yield* ofNodes(survey, shared, open, suffering, 'client')
  }
}

/** Workloads that may run on the same nodes, by their places: alike ones are one group. */
interface Group {
  readonly places: readonly Place[]
  readonly workloads: Workload[]
}

interface Groups {
  readonly all: readonly Group[]
  readonly onNode: ReadonlyMap<string, readonly Group[]>
}

function groupsOf({ cluster, workloads }: Survey): Groups {
  const byPlaces = new Map<string, Group>()
  const names = new Map<readonly Place[], string>()
  for (const workload of workloads) {
    const places = cluster.placement.placesOf(workload)
    const key = names.get(places) ?? places.map(({ node, truth }) => `${node.id} ${truth}`).join('\n')
    names.set(places, key)
    const group = byPlaces.get(key)
    if (group) group.workloads.push(workload)
    else byPlaces.set(key, { places, workloads: [workload] })
  }
  const all = [...byPlaces.values()]
  const onNode = new Map<string, Group[]>()
  for (const group of all)
    for (const { node } of group.places) {
      const own = onNode.get(node.id)
      if (own) own.push(group)
      else onNode.set(node.id, [group])
    }
  return { all, onNode }
}

/** What suffers on a node: of whatever is there for sure, and of whatever may be. */
interface Suffering {
  readonly sure: Hits
  readonly perhaps: Hits
}

function sufferersOf(survey: Survey, { onNode }: Groups, shared: Shared): (node: ClusterNode) => Suffering {
  const suffering = new Map<Group, readonly string[]>()
  // Nodes with the same groups on them, as all of a pool mostly have, are judged once.
  const judged = new Map<string, Suffering>()
  const numbers = new Map<Group, number>()
  const numberOf = (group: Group): number => {
    const known = numbers.get(group) ?? numbers.size
    numbers.set(group, known)
    return known
  }
  const ofGroup = (group: Group): readonly string[] => {
    const known =
      suffering.get(group) ??
      group.workloads.flatMap((workload) => {
        const amounts = survey.amountsOf(workload)
        return amounts !== undefined && shared.hits(amounts) ? [workload.id] : []
      })
    suffering.set(group, known)
    return known
  }
  return (node) => {
    const groups = onNode.get(node.id) ?? []
    const room = roomOf(node)
    const key = `${room} ${groups.map(numberOf).join()}`
    const known = judged.get(key)
    if (known) return known
    const isReal = node.object !== undefined || node.standsFor === undefined
    const there = isReal ? groups.filter(({ places }) => isSurelyOn(places, node)) : []
    const found = {
      sure: survey.hits(there.flatMap(ofGroup)),
      perhaps: fitting(survey.hits(groups.flatMap(ofGroup)), room),
    }
    judged.set(key, found)
    return found
  }
}

function isSurelyOn(places: readonly Place[], { id }: ClusterNode): boolean {
  return places.some(({ node, truth }) => node.id === id && truth === 'yes')
}

/** Pods that a kubelet takes where nothing says otherwise (`maxPods`). */
const USUAL_ROOM = 110

function roomOf({ object }: ClusterNode): number {
  const pods = Number(at(object?.body, 'status', 'allocatable', 'pods'))
  return Number.isInteger(pods) && pods > 0 ? pods : USUAL_ROOM
}

/** Of more workloads than a node takes pods, those that it takes are no more than their part. */
function fitting(hits: Hits, room: number): Hits {
  const { workloads, share } = hits
  if (workloads.count <= room) return hits
  return { ...hits, share: (share * room) / workloads.count, workloads: { ...workloads, count: room } }
}

interface Judged {
  readonly node: ClusterNode
  readonly hits: Hits
  readonly truth: 'yes' | 'unknown'
}

function* ofNodes(
  survey: Survey,
  shared: Shared,
  guilty: readonly Workload[],
  suffering: (node: ClusterNode) => Suffering,
  source: SourceKind,
): Generator<Exhaustion> {
  const byPlaces = new Map<readonly Place[], Judged | undefined>()
  const all = guilty.flatMap((workload) => {
    const places = survey.cluster.placement.placesOf(workload)
    if (!byPlaces.has(places)) byPlaces.set(places, worstOf(places, suffering))
    const worst = byPlaces.get(places)
    return worst ? [{ workload, ...worst }] : []
  })
  all.sort((a, b) => worth(b) - worth(a) || b.hits.share - a.hits.share || (a.workload.id < b.workload.id ? -1 : 1))
  const [worst] = all
  // Alone on its node it takes from nobody but itself.
  if (!worst || worst.hits.workloads.count < 2) return
  const { workload, node, hits } = worst
  const isStandIn = node.object === undefined && node.standsFor !== undefined
  const shape = workload.specs[0]
  const entry = source === 'client' ? survey.unlimited.get(workload.id) : undefined
  const neighbours = `${hits.workloads.count} workloads that suffer`
  yield exhaustion({
    source,
    exhausts: { kind: 'node', id: shared.resource, title: `${shared.title} of its node` },
    ids: all.map((each) => each.workload.id),
    hits,
    truth: entry?.truth === 'unknown' ? 'unknown' : worst.truth,
    because: [
      because(shared.why, shape?.object, shape?.pod.path),
      isStandIn
        ? because('which pods share a node is not in the input: no Node and no placed pod is')
        : worst.truth === 'yes'
          ? because(`runs it among ${neighbours}`, node.object)
          : because(`may run it among ${neighbours}, as many as it has room for`, node.object),
      ...(entry?.because ?? []),
    ],
    caps: source === 'client' ? [shared.cap, 'a limit per client on the route'] : [shared.cap],
  })
}

/** What is unknown counts half. */
function worth({ hits, truth }: Judged): number {
  return hits.share * (truth === 'yes' ? 1 : 0.5)
}

function worstOf(places: readonly Place[], suffering: (node: ClusterNode) => Suffering): Judged | undefined {
  let worst: Judged | undefined
  for (const { node, truth } of places) {
    const { sure, perhaps } = suffering(node)
    const isSure = truth === 'yes' && sure.workloads.count > 1
    const judged: Judged = isSure ? { node, hits: sure, truth: 'yes' } : { node, hits: perhaps, truth: 'unknown' }
    if (worst === undefined || worth(judged) > worth(worst)) worst = judged
  }
  return worst
}
