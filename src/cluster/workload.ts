import { at, field, type Json, list, number, object, string } from './json.ts'
import { currentGroup, typeName } from './kinds.ts'
import { idOf, type KubeObject, labelsOf } from './object.ts'
import { decodePod, type PodSpec } from './pod.ts'
import { type RuntimeClasses, runtimeClassesOf, scheduled } from './scheduling.ts'
import { podSpecs } from './templates.ts'

/** A pod that was seen running or waiting to run, as evidence of placement and address. */
export interface LivePod {
  readonly name: string
  readonly ips: readonly string[]
  /** Empty while it is not placed. */
  readonly node: string
  readonly object: KubeObject
}

/** The top of an owner chain with its pod template; judged once, however many pods it has. */
export interface Workload {
  readonly id: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Absent when only its pods are in the input. */
  readonly object: KubeObject | undefined
  /** The distinct shapes of its pods: the template's first, then what live pods show beyond it. */
  readonly specs: readonly Shape[]
  readonly pods: readonly LivePod[]
  readonly replicas: number | undefined
  /** A Job that has run, or a pod that has ended: nothing of it can be breached any more. */
  readonly finished: boolean
}

/** A pod spec with the object that it was read from. */
export interface Shape {
  readonly pod: PodSpec
  readonly object: KubeObject
}

export interface OwnerProblem {
  readonly object: KubeObject
  readonly why: string
}

interface Owner {
  readonly group: string
  readonly kind: string
  readonly name: string
}

/** The controlling owner reference; without `controller: true` the object is managed by nobody. */
function controllerOf(object: KubeObject): Owner | undefined {
  for (const reference of list(at(object.body, 'metadata', 'ownerReferences'))) {
    const kind = string(field(reference, 'kind'))
    const name = string(field(reference, 'name'))
    if (field(reference, 'controller') !== true || kind === undefined || name === undefined) continue
    const apiVersion = string(field(reference, 'apiVersion')) ?? ''
    const slash = apiVersion.lastIndexOf('/')
    return { group: currentGroup(slash < 0 ? '' : apiVersion.slice(0, slash), kind), kind, name }
  }
  return undefined
}

interface Draft extends Pick<Workload, 'id' | 'group' | 'kind' | 'namespace' | 'name' | 'object'> {
  readonly shapes: Map<string, Shape>
  readonly pods: LivePod[]
  ended: number
}

/**
 * Every workload of the objects, and whatever is wrong with their owner chains. An owner that is not in the input still
 * names the workload; a ReplicaSet that carries its pod-template-hash names its Deployment.
 */
export function resolveWorkloads(objects: readonly KubeObject[]): {
  workloads: readonly Workload[]
  problems: readonly OwnerProblem[]
  ownerOf: ReadonlyMap<string, string>
} {
  const byId = new Map<string, KubeObject>()
  for (let index = 0; index < objects.length; index++)
    byId.set((objects[index] as KubeObject).id, objects[index] as KubeObject)
  const specsOf = new Map<string, readonly PodSpec[]>()
  for (const object of objects) {
    // Pods are many and alike; they are decoded by shape below.
    const specs = object.kind === 'Pod' && object.group === '' ? [] : podSpecs(object)
    if (specs.length > 0) specsOf.set(object.id, specs)
  }
  const problems: OwnerProblem[] = []
  const tops = new Map<string, { group: string; kind: string; name: string; object: KubeObject | undefined }>()
  const topOf = (object: KubeObject) => {
    const known = tops.get(object.id)
    if (known) return known
    const top = climb(object, byId, specsOf, problems)
    tops.set(object.id, top)
    return top
  }

  const drafts = new Map<string, Draft>()
  const draftOf = (object: KubeObject): Draft => {
    const top = topOf(object)
    const id = idOf(typeName(top.group, top.kind), object.namespace, top.name)
    let draft = drafts.get(id)
    if (!draft) {
      draft = { id, ...top, namespace: object.namespace, shapes: new Map(), pods: [], ended: 0 }
      drafts.set(id, draft)
      for (const pod of (top.object && specsOf.get(top.object.id)) ?? [])
        draft.shapes.set(`template ${draft.shapes.size}`, { pod, object: top.object as KubeObject })
    }
    return draft
  }

  for (const object of objects) {
    if (object.kind === 'Pod' && object.group === '') addPod(draftOf(object), object)
    else if (specsOf.has(object.id)) {
      const draft = draftOf(object)
      // A ReplicaSet or Job whose owner holds the template adds nothing but its pods.
      if (draft.shapes.size === 0)
        for (const pod of specsOf.get(object.id) ?? [])
          draft.shapes.set(`${object.id} ${draft.shapes.size}`, { pod, object })
    }
  }
  const classes = runtimeClassesOf(objects)
  const ownerOf = new Map<string, string>()
  for (const object of objects) if (tops.has(object.id)) ownerOf.set(object.id, draftOf(object).id)
  const workloads = [...drafts.values()]
    .filter((draft) => draft.shapes.size > 0 || draft.pods.length > 0 || draft.ended > 0)
    .map((draft) => finish(draft, classes))
  return { workloads, problems, ownerOf }
}

/** Walks to the topmost owner that holds a pod template, or that only its children name. */
function climb(
  start: KubeObject,
  byId: ReadonlyMap<string, KubeObject>,
  specsOf: ReadonlyMap<string, readonly PodSpec[]>,
  problems: OwnerProblem[],
) {
  let best: { group: string; kind: string; name: string; object: KubeObject | undefined } = {
    group: start.group,
    kind: start.kind,
    name: start.name,
    object: start,
  }
  let seen: Set<string> | undefined
  let here = start
  for (;;) {
    const owner = controllerOf(here)
    // A static pod is owned by its node, which runs it but is no workload.
    if (!owner || owner.kind === 'Node') return best
    const id = idOf(typeName(owner.group, owner.kind), here.namespace, owner.name)
    const object = byId.get(id) ?? byId.get(idOf(typeName(owner.group, owner.kind), '', owner.name))
    seen ??= new Set([start.id])
    if (seen.has(id)) {
      problems.push({ object: start, why: `its owner references go in a circle (${id})` })
      return best
    }
    seen.add(id)
    if (!object) {
      // The same pods give the same workload, whether or not the ReplicaSet between was exported.
      if (here.kind === 'ReplicaSet' && best.object === here && owner.kind !== here.kind)
        return { group: owner.group, kind: owner.kind, name: owner.name, object: undefined }
      if (best.object !== start || specsOf.has(start.id)) return best
      const unseen = unseenOwner(owner, here)
      const named = byId.get(idOf(typeName(unseen.group, unseen.kind), here.namespace, unseen.name))
      if (!named || !specsOf.has(named.id)) return unseen
      best = { ...unseen, object: named }
      here = named
      continue
    }
    if (specsOf.has(object.id)) best = { group: object.group, kind: object.kind, name: object.name, object }
    here = object
  }
}

const TEMPLATE_HASHES = ['pod-template-hash', 'rollouts-pod-template-hash']

function unseenOwner(
  owner: Owner,
  child: KubeObject,
): { group: string; kind: string; name: string; object: undefined } {
  if (owner.kind === 'ReplicaSet' && child.kind === 'Pod') {
    const labels = labelsOf(child.body)
    for (const label of TEMPLATE_HASHES) {
      const hash = labels.get(label)
      if (hash === undefined || hash === '' || !owner.name.endsWith(`-${hash}`)) continue
      const name = owner.name.slice(0, -hash.length - 1)
      if (name === '') continue
      return label === 'pod-template-hash'
        ? { group: 'apps', kind: 'Deployment', name, object: undefined }
        : { group: 'argoproj.io', kind: 'Rollout', name, object: undefined }
    }
  }
  return { group: owner.group, kind: owner.kind, name: owner.name, object: undefined }
}

function hasEnded(pod: KubeObject): boolean {
  const phase = string(at(pod.body, 'status', 'phase'))
  return phase === 'Succeeded' || phase === 'Failed'
}

function addPod(draft: Draft, pod: KubeObject): void {
  const phase = string(at(pod.body, 'status', 'phase'))
  const isOwn = draft.id === pod.id
  if (hasEnded(pod)) {
    draft.ended++
    if (draft.object !== undefined && !isOwn) return
  } else if (!isOwn || phase !== undefined || string(at(pod.body, 'spec', 'nodeName'))) {
    const ips = [
      string(at(pod.body, 'status', 'podIP')),
      ...list(at(pod.body, 'status', 'podIPs')).map((item) => string(field(item, 'ip'))),
    ]
    draft.pods.push({
      name: pod.name,
      ips: [...new Set(ips.filter((ip) => ip !== undefined && ip !== ''))] as string[],
      node: string(at(pod.body, 'spec', 'nodeName')) ?? '',
      object: pod,
    })
  }
  const signature = shapeOf(draft, pod)
  const same = draft.shapes.get(signature)
  // A pod that runs is better evidence than one of its shape that has ended.
  if (!same || (hasEnded(same.object) && !hasEnded(pod)))
    draft.shapes.set(signature, { pod: decodePod(pod.body, []), object: pod })
}

const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'
const JOB_LABELS: readonly string[] = [
  'job-name',
  'controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
  COMPLETION_INDEX,
]

/** What a controller writes into a label of its pods; `varies`: another value for each pod or revision. */
export type GeneratedLabel = 'never' | 'varies' | 'unknown' | { readonly value: string }

const GENERATED: Readonly<Record<string, readonly string[]>> = {
  'apps Deployment': ['pod-template-hash'],
  // Its template holds all that its pods carry: a Deployment writes its hash there.
  'apps ReplicaSet': [],
  'apps DaemonSet': ['controller-revision-hash', 'pod-template-generation'],
  'apps StatefulSet': [
    'controller-revision-hash',
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
  ],
  'batch CronJob': JOB_LABELS,
  'batch Job': JOB_LABELS,
  ' ReplicationController': [],
  ' Pod': [],
}

/** Of the controllers that Kubernetes does not have, which may make their pods through any that it has. */
const GENERATED_BY_SOME: ReadonlySet<string> = new Set([
  ...Object.values(GENERATED).flat(),
  'rollouts-pod-template-hash',
])

type Owned = Pick<Workload, 'group' | 'kind' | 'name' | 'object'>

export function generatedLabel({ group, kind, name, object }: Owned, key: string): GeneratedLabel {
  const ofKind = `${group} ${kind}`
  const keys = Object.hasOwn(GENERATED, ofKind) ? (GENERATED[ofKind] as readonly string[]) : undefined
  if (!keys) return GENERATED_BY_SOME.has(key) ? 'unknown' : 'never'
  if (!keys.includes(key)) return 'never'
  if (keys !== JOB_LABELS) return 'varies'
  const spec = at(object?.body, 'spec', ...(kind === 'CronJob' ? ['jobTemplate', 'spec'] : []))
  if (key === COMPLETION_INDEX) {
    return object === undefined ? 'unknown' : field(spec, 'completionMode') === 'Indexed' ? 'varies' : 'never'
  }
  // batch/job strategy.go: it writes none where the selector is written by hand.
  if (field(spec, 'manualSelector') === true) return 'never'
  // The name of a Job that is made by `generateName` or by a CronJob is not in the input.
  const isNamed = kind === 'Job' && !name.includes('*')
  return key.endsWith('job-name') && isNamed ? { value: name } : 'varies'
}

/** Whether some controller writes a label of this key. */
export function isGeneratedLabel(key: string): boolean {
  return GENERATED_BY_SOME.has(key)
}

/** What makes two pods of one workload differ in anything but their names, places and times. */
function shapeOf(owner: Owned, pod: KubeObject): string {
  const labels = [...labelsOf(pod.body)].filter(([key]) => generatedLabel(owner, key) === 'never')
  const { nodeName: _, hostname: __, subdomain: ___, ...spec } = object(field(pod.body, 'spec'))
  const text = JSON.stringify(spec).replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access')
  return `${text} ${JSON.stringify(labels)}`
}

const RUNS_ONCE: ReadonlySet<string> = new Set(['Job', 'Workflow', 'TaskRun', 'PipelineRun'])
const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Error'])

/**
 * What runs once has ended when its conditions say so (a failed Job has no completionTime: pkg/controller/job), or the
 * phase of a Workflow.
 */
function hasRun(kind: string, status: Json | undefined): boolean {
  if (!RUNS_ONCE.has(kind)) return false
  const ended = list(field(status, 'conditions')).some((condition) => {
    const is = string(field(condition, 'type'))
    return (is === 'Complete' || is === 'Failed') && field(condition, 'status') === 'True'
  })
  return (
    ended ||
    string(field(status, 'completionTime')) !== undefined ||
    string(field(status, 'finishedAt')) !== undefined ||
    ENDED.has(string(field(status, 'phase')) ?? '')
  )
}

function finish(draft: Draft, classes: RuntimeClasses): Workload {
  const { id, group, kind, namespace, name, object, pods } = draft
  const body = object?.body
  const jobEnded = hasRun(kind, at(body, 'status'))
  return {
    id,
    group,
    kind,
    namespace,
    name,
    object,
    specs: [...draft.shapes.values()].map((shape) => ({ ...shape, pod: scheduled(shape.pod, kind, classes) })),
    pods,
    replicas: number(at(body, 'spec', 'replicas')),
    // Between two tries a Job has ended pods only; where its object is seen, its status decides.
    finished: jobEnded || (draft.ended > 0 && pods.length === 0 && (kind === 'Pod' || (kind === 'Job' && !object))),
  }
}
