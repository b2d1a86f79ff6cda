import type { Cluster } from '../../cluster/cluster.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import { at, field, isObject, list, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { type Container, isMirrorPod, type PodSpec } from '../../cluster/pod.ts'
import { podSpecs } from '../../cluster/templates.ts'
import type { Volume } from '../../cluster/volume.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { Change } from '../fix.ts'

/** A workload with the object that somebody edits to change its pods. */
export interface Template {
  readonly workload: Workload
  readonly object: KubeObject
  /** A custom resource may embed several. */
  readonly pods: readonly PodSpec[]
}

/** One pod spec of the template, or of an object that a controller made of it. */
export interface Shown {
  readonly object: KubeObject
  readonly pod: PodSpec
  /** Those that the template has as well: what admission adds to a pod, it adds again to the next. */
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
  readonly template: Template
}

const done = new WeakMap<Workload, { readonly template: Template | undefined }>()

/**
 * Absent where nothing can be edited: the owner is not in the input, or the pod is the shadow of a static one, or the
 * template is put together from several places (Argo Workflows).
 */
export function templateOf(workload: Workload): Template | undefined {
  const before = done.get(workload)
  if (before) return before.template
  const template = makeTemplate(workload)
  done.set(workload, { template })
  return template
}

function makeTemplate(workload: Workload): Template | undefined {
  const { object } = workload
  if (!object || workload.finished || isMirrorPod(object)) return undefined
  const pods = podSpecs(object)
  const isWhole = pods.every(
    (pod) =>
      pod.containers.every(({ path }) => isObject(at(object.body, ...path))) &&
      pod.volumes.every(({ name, path }) => string(at(object.body, ...path, 'name')) === name),
  )
  return pods.length > 0 && isWhole ? { workload, object, pods } : undefined
}

/**
 * The changes that a fix of a template makes: of its object, and of what controllers made of it (ReplicaSets, Jobs,
 * pods), which would go on showing the old shape. None where the template itself needs none.
 */
export function changesOf(
  cluster: Cluster,
  template: Template,
  editsOf: (shown: Shown) => readonly Edit[],
): readonly Change[] {
  const { object, workload, pods } = template
  const edits = shownOf(object, pods, template).flatMap(editsOf)
  if (edits.length === 0) return []
  const changes: Change[] = [{ action: 'edit', object, edits }]
  for (const made of madeOf(cluster, workload.id)) {
    if (made === object || isMirrorPod(made)) continue
    const follow = shownOf(made, specsOf(made), template).flatMap(editsOf)
    if (follow.length > 0) changes.push({ action: 'edit', object: made, edits: follow, derived: true })
  }
  return changes
}

function shownOf(object: KubeObject, pods: readonly PodSpec[], template: Template): readonly Shown[] {
  const containers = new Set(template.pods.flatMap((pod) => pod.containers.map(({ name }) => name)))
  const volumes = new Set(template.pods.flatMap((pod) => pod.volumes.map(({ name }) => name)))
  return pods.map((pod) => ({
    object,
    pod,
    // An ephemeral container is in no template, and nobody can change it.
    containers: pod.containers.filter(({ name, role }) => role !== 'ephemeral' && containers.has(name)),
    volumes: pod.volumes.filter(({ name }) => volumes.has(name)),
    template,
  }))
}

const specs = new WeakMap<KubeObject, readonly PodSpec[]>()

function specsOf(object: KubeObject): readonly PodSpec[] {
  const known = specs.get(object) ?? podSpecs(object)
  specs.set(object, known)
  return known
}

const made = new WeakMap<Cluster, ReadonlyMap<string, readonly KubeObject[]>>()

function madeOf(cluster: Cluster, workload: string): readonly KubeObject[] {
  const known = made.get(cluster) ?? byWorkload(cluster)
  made.set(cluster, known)
  return known.get(workload) ?? []
}

function byWorkload(cluster: Cluster): ReadonlyMap<string, readonly KubeObject[]> {
  const found = new Map<string, KubeObject[]>()
  for (const object of cluster.objects) {
    const workload = cluster.workloadOf(object.id)
    if (workload === undefined) continue
    const same = found.get(workload)
    if (same) same.push(object)
    else found.set(workload, [object])
  }
  return found
}

const BUILT_IN: ReadonlySet<string> = new Set(['', 'apps', 'batch'])

/** What a reviewer should know of any change to this template. */
export function templateNotes({ object }: Template): readonly string[] {
  const owner = list(at(object.body, 'metadata', 'ownerReferences')).find((each) => field(each, 'controller') === true)
  const notes: string[] = []
  if (owner !== undefined)
    notes.push(
      `${object.kind} ${object.name} is made by ${string(field(owner, 'kind')) ?? 'an owner'} ${string(field(owner, 'name')) ?? ''}, whose controller may undo the change: make it there.`,
    )
  if (!BUILT_IN.has(object.group))
    notes.push(`Check that ${object.kind} (${object.group}) has these fields in its schema.`)
  // pkg/apis/core/validation ValidatePodUpdate, pkg/apis/batch/validation ValidateJobUpdate.
  if (object.group === '' && object.kind === 'Pod')
    notes.push('A pod cannot be changed in place: it is deleted and made anew.')
  if (object.group === 'batch' && object.kind === 'Job')
    notes.push('The template of a Job cannot be changed: it is deleted and made anew.')
  if (object.kind === 'ReplicaSet' || object.kind === 'ReplicationController')
    notes.push(`A ${object.kind} does not replace the pods that it has: delete them afterwards.`)
  return notes
}

/** `shop/frontend`, as titles call a workload. */
export function nameOf({ namespace, name }: Workload): string {
  return `${namespace}/${name}`
}
