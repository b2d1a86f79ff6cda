import { type Because, because } from '../../../cluster/because.ts'
import { at, number, string } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { exceeds, ofNumber, times } from '../bounds/extent.ts'
import { growthOf } from '../bounds/growth-of.ts'
import { type Quota, quotasOf, usedOf } from '../bounds/quotas.ts'
import type { Exhaustion } from './exhaustion.ts'
import { exhaustion, type Hits, type Survey } from './survey.ts'

const MOST_REPLICAS = 'a maximum of replicas, or of Jobs, at what was ever needed'

/** What workloads that grow use up: the quota of their namespace, or the nodes where no quota holds them. */
export function* byGrowth(survey: Survey): Generator<Exhaustion> {
  const byNamespace = Map.groupBy(survey.workloads, ({ namespace }) => namespace)
  const unheld: { readonly workload: Workload; readonly because: readonly Because[] }[] = []
  for (const [namespace, own] of byNamespace) {
    const quotas = quotasOf(survey.cluster, namespace)
    const growing = own.filter(({ id }) => isGrowing(survey, id))
    for (const quota of quotas) yield* ofQuota(survey, quota, own, growing)
    for (const workload of growing) {
      const { most, because: why } = growthOf(survey.cluster)(workload.id)
      if (most === Number.POSITIVE_INFINITY && !quotas.some((quota) => holds(survey, quota, workload)))
        unheld.push({ workload, because: why })
    }
  }
  yield* ofCluster(survey, unheld)
  yield* byToken(survey)
}

/** Whether there may come to be more pods of it than there are, rollouts aside. */
export function isGrowing({ cluster }: Pick<Survey, 'cluster'>, id: string): boolean {
  const { now, most, surge = 0 } = growthOf(cluster)(id)
  return most !== undefined && most - surge > (now ?? 0)
}

function holds({ amountsOf }: Survey, { hard, tracks }: Quota, workload: Workload): boolean {
  const amounts = amountsOf(workload)
  const [shape] = workload.specs
  if (!amounts || !shape || !tracks(shape, amounts)) return false
  return [...hard.keys()].some((resource) => (usedOf(resource, amounts) ?? 0n) > 0n)
}

/** Whether one workload at its most leaves the others of a quota less than they use now, or nothing to grow into. */
function* ofQuota(
  survey: Survey,
  quota: Quota,
  all: readonly Workload[],
  growing: readonly Workload[],
): Generator<Exhaustion> {
  const tracked = all.filter((workload) => holds(survey, quota, workload))
  const used = usedNow(survey, quota, tracked)
  const counted = new Set(tracked)
  const taking = growing.flatMap((workload) => {
    const resource = counted.has(workload) ? takenBy(survey, quota, workload, used) : undefined
    return resource === undefined ? [] : [{ workload, resource }]
  })
  const [first] = taking
  if (!first || tracked.length < 2) return
  const { object } = quota
  const { because: why } = growthOf(survey.cluster)(first.workload.id)
  yield exhaustion({
    source: 'deployment',
    exhausts: { kind: 'quota', id: object.id, title: `the quota ${object.namespace}/${object.name}` },
    ids: taking.map(({ workload }) => workload.id),
    hits: survey.hits(tracked.filter((each) => taking.length > 1 || each !== first.workload).map(({ id }) => id)),
    truth: 'yes',
    because: [
      ...why.slice(0, 2),
      because(`${first.resource} of it is then used up: nothing else starts, not even after a restart`, object, [
        'spec',
        'hard',
        first.resource,
      ]),
    ],
    caps: [MOST_REPLICAS, 'a quota of its own for what grows, by PriorityClass'],
  })
}

/** What all workloads of a quota use of it as they are, by resource. */
function usedNow(survey: Survey, { hard }: Quota, tracked: readonly Workload[]): ReadonlyMap<string, bigint> {
  const used = new Map<string, bigint>()
  for (const workload of tracked)
    for (const resource of hard.keys())
      used.set(resource, (used.get(resource) ?? 0n) + usedBy(survey, workload, resource))
  return used
}

function usedBy(survey: Survey, workload: Workload, resource: string): bigint {
  const amounts = survey.amountsOf(workload)
  const one = amounts && usedOf(resource, amounts)
  return (one ?? 0n) * BigInt(Math.max(0, growthOf(survey.cluster)(workload.id).now ?? 1))
}

function takenBy(
  survey: Survey,
  { hard }: Quota,
  workload: Workload,
  used: ReadonlyMap<string, bigint>,
): string | undefined {
  // What a rollout adds is gone when it ends.
  const { most: reached = 0, surge = 0 } = growthOf(survey.cluster)(workload.id)
  const most = ofNumber(reached - surge)
  const amounts = survey.amountsOf(workload)
  for (const [resource, limit] of hard) {
    const one = amounts && usedOf(resource, amounts)
    if (one === undefined || one === 0n) continue
    const others = (used.get(resource) ?? 0n) - usedBy(survey, workload, resource)
    if (exceeds(times(most, one), limit - others)) return resource
  }
  return undefined
}

/** Pods without number: whatever has no higher priority waits for a node, and what has a lower one is thrown out. */
function* ofCluster(
  survey: Survey,
  unheld: readonly { readonly workload: Workload; readonly because: readonly Because[] }[],
): Generator<Exhaustion> {
  if (unheld.length === 0) return
  const priorityOf = prioritiesOf(survey)
  const byPriority = new Map<number, Hits>()
  const hitsOf = (priority: number): Hits => {
    const known = byPriority.get(priority)
    if (known) return known
    const found = survey.hits(survey.workloads.flatMap((each) => (priorityOf(each) <= priority ? [each.id] : [])))
    byPriority.set(priority, found)
    return found
  }
  const judged = unheld
    .map((each) => ({ ...each, own: priorityOf(each.workload), hits: hitsOf(priorityOf(each.workload)) }))
    .sort((a, b) => b.hits.share - a.hits.share || (a.workload.id < b.workload.id ? -1 : 1))
  const worst = judged[0] as (typeof judged)[number]
  yield exhaustion({
    source: 'deployment',
    exhausts: { kind: 'capacity', id: '', title: 'the nodes, or the bill for more' },
    ids: judged.map(({ workload }) => workload.id),
    hits: worst.hits,
    // Whether nodes run out or are bought, no object of the cluster says for sure.
    truth: 'unknown',
    because: [
      ...worst.because,
      because(`has priority ${worst.own}, and whatever has no more waits behind it`, worst.workload.object),
    ],
    caps: [MOST_REPLICAS, 'a quota of its namespace', 'a higher priority for what must run'],
  })
}

const MOST_UNHELD = 200

/** What a pod's priority is by its class (plugin/pkg/admission/priority). */
function prioritiesOf({ cluster }: Survey): (workload: Workload) => number {
  const classes = cluster.ofKind('PriorityClass', 'scheduling.k8s.io')
  const values = new Map(classes.map((each) => [each.name, number(at(each.body, 'value')) ?? 0]))
  values.set('system-cluster-critical', 2_000_000_000)
  values.set('system-node-critical', 2_000_001_000)
  const standing = classes.find((each) => at(each.body, 'globalDefault') === true)
  const usual = standing ? (values.get(standing.name) ?? 0) : 0
  const known = new Map<Workload, number>()
  return (workload) => {
    const found = known.get(workload)
    if (found !== undefined) return found
    const [shape] = workload.specs
    const spec = shape && at(shape.object.body, ...shape.pod.path)
    const name = string(at(spec, 'priorityClassName')) ?? ''
    const priority = number(at(spec, 'priority')) ?? (name === '' ? usual : (values.get(name) ?? 0))
    known.set(workload, priority)
    return priority
  }
}

/** A pod whose token may make pods in its namespace, where no quota counts them. */
function* byToken(survey: Survey): Generator<Exhaustion> {
  const { cluster, known } = survey
  const accounts = new Map<string, readonly Because[]>()
  const able: { readonly workload: Workload; readonly because: readonly Because[] }[] = []
  for (const workload of survey.workloads) {
    const [shape] = workload.specs
    if (!shape || able.length >= MOST_UNHELD) continue
    if (quotasOf(cluster, workload.namespace).some(({ hard }) => countsPods(hard))) continue
    const id = idOf('ServiceAccount', workload.namespace, shape.pod.serviceAccountName)
    let why = accounts.get(id)
    if (!why) {
      const answer = known.authorizes({
        serviceAccount: shape.pod.serviceAccountName,
        namespace: workload.namespace,
        verb: 'create',
        group: '',
        resource: 'pods',
        subresource: '',
      })
      why = answer.truth === 'yes' ? answer.because : []
      accounts.set(id, why)
    }
    if (why.length === 0 || known.mountsToken(workload, shape).truth !== 'yes') continue
    if (known.reachesApiServer(workload).truth === 'no') continue
    able.push({ workload, because: why })
  }
  const [first] = able
  if (!first) return
  yield exhaustion({
    source: 'pod',
    exhausts: { kind: 'capacity', id: 'by token', title: 'the nodes, by pods its token makes' },
    ids: able.map(({ workload }) => workload.id),
    hits: survey.hits(survey.workloads.map(({ id }) => id)),
    truth: 'unknown',
    because: [...first.because, because('no quota of its namespace counts pods', first.workload.object)],
    caps: ['a quota of pods, and of what they ask for, in its namespace', 'a role without create of pods'],
  })
}

function countsPods(hard: Quota['hard']): boolean {
  return hard.has('pods') || hard.has('count/pods')
}
