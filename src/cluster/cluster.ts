import { type Because, because } from './because.ts'
import { isDefinition } from './definitions/definition.ts'
import { type Expansion, expandDefinitions } from './definitions/expand.ts'
import type { Path } from './json.ts'
import { type Namespace, resolveNamespaces } from './namespace.ts'
import type { KubeObject } from './object.ts'
import type { Locate } from './origin.ts'
import { type Placement, resolvePlacement } from './placement.ts'
import { type Binding, decodeBinding, decodeRole, isBinding, isRole, type Role } from './rbac.ts'
import { type Use, usesOf } from './uses.ts'
import { chooseVersion, type KubernetesVersion } from './version.ts'
import { resolveWorkloads, type Workload } from './workload.ts'

/** One instant of a cluster: immutable, indexed, and the only thing that engines read. */
export interface Cluster {
  readonly version: KubernetesVersion
  /** Those of the input, and those that rbac-manager makes of its definitions there (`made`). */
  readonly objects: readonly KubeObject[]
  /** Undefined where the input holds no RBACDefinition. */
  readonly definitions: Expansion | undefined
  get(id: string): KubeObject | undefined
  /** Objects of one type, by kind and API group. */
  ofKind(kind: string, group?: string): readonly KubeObject[]
  /** Whether a list of this type was in the input, so that what is not in it does not exist. */
  wasListed(type: string): boolean
  readonly namespaces: ReadonlyMap<string, Namespace>
  readonly workloads: readonly Workload[]
  workload(id: string): Workload | undefined
  /** The workload that an object (a Pod, a ReplicaSet, a Job, ...) belongs to. */
  workloadOf(objectId: string): string | undefined
  usesOf(workload: Workload): readonly Use[]
  readonly placement: Placement
  /** Only those of the input; see authz for the ones that Kubernetes itself creates. */
  readonly roles: readonly Role[]
  readonly bindings: readonly Binding[]
  readonly faults: readonly Fault[]
  readonly locate: Locate
}

/** Something wrong with the input that does not stop it from being read. */
export interface Fault {
  readonly check: 'duplicate-object' | 'duplicate-key' | 'owner-cycle'
  readonly object: KubeObject
  readonly message: string
  readonly because: readonly Because[]
}

export interface ClusterInput {
  readonly objects: readonly KubeObject[]
  readonly listed?: ReadonlySet<string>
  readonly serverVersion?: string
  /** `--kubernetes-version`. */
  readonly version?: string
  readonly locate?: Locate
}

/** `like`: a cluster that may differ in few objects; what cannot differ is taken from it. */
export function buildCluster(input: ClusterInput, like?: Cluster): Cluster {
  const { objects: given, faults } = lastOfEach(input.objects)
  const { objects, definitions } = withMade(given)
  if (like && differsOnlyIn(like.objects, objects, makesNoWorkload))
    return { ...withOther(like, input, objects, faults), definitions }
  return { ...built(input, objects, faults), definitions }
}

/** Bindings of a definition are bindings, whether or not they were expanded; one that is in the input counts as it is there. */
function withMade(given: readonly KubeObject[]): Pick<Cluster, 'objects' | 'definitions'> {
  const written = given.filter(isDefinition)
  if (written.length === 0) return { objects: given, definitions: undefined }
  const definitions = expanded(written, resolveNamespaces(given))
  const ids = new Set(given.map(({ id }) => id))
  const objects = [...given, ...definitions.objects.filter(({ id }) => !ids.has(id))]
  return { objects: objects.sort((a, b) => (a.id < b.id ? -1 : 1)), definitions }
}

/** A plan judges clusters that share their definitions, and what is found out of an object is kept with it. */
function expanded(written: readonly KubeObject[], namespaces: ReadonlyMap<string, Namespace>): Expansion {
  const first = written[0] as KubeObject
  const known = expansions.get(first)
  const sources = [...written, ...[...namespaces.values()].map(({ name, object }) => object ?? name)]
  if (known && known.sources.length === sources.length && known.sources.every((each, at) => each === sources[at]))
    return known.expansion
  const expansion = expandDefinitions(written, namespaces)
  expansions.set(first, { sources, expansion })
  return expansion
}

const expansions = new WeakMap<
  KubeObject,
  { readonly sources: readonly (KubeObject | string)[]; readonly expansion: Expansion }
>()

/** Nothing of workloads, their places and namespaces is read from these. */
function makesNoWorkload(object: KubeObject): boolean {
  return isRole(object) || isBinding(object) || isNetworkPolicy(object)
}

export function isNetworkPolicy({ group, kind }: KubeObject): boolean {
  return group === 'networking.k8s.io' && kind === 'NetworkPolicy'
}

/** Whether every object that is not in both, as it is, is one of these; of those that changed, both are given. Both lists are sorted by id. */
export function differsOnlyIn(
  before: readonly KubeObject[],
  after: readonly KubeObject[],
  isOne: (object: KubeObject, before?: KubeObject) => boolean,
): boolean {
  let at = 0
  for (const object of after) {
    let old = before[at]
    while (old && old.id < object.id) {
      if (!isOne(old)) return false
      old = before[++at]
    }
    const same = old?.id === object.id ? old : undefined
    if (same) at++
    if (same?.body !== object.body && !isOne(object, same)) return false
  }
  return before.slice(at).every((object) => isOne(object))
}

function withOther(
  like: Cluster,
  input: ClusterInput,
  objects: readonly KubeObject[],
  faults: Fault[],
): Omit<Cluster, 'definitions'> {
  const { get, ofKind } = indexed(objects)
  return {
    ...like,
    objects,
    get,
    ofKind,
    roles: objects.filter(isRole).map((object) => decodeRole(object)),
    bindings: objects.filter(isBinding).map((object) => decodeBinding(object)),
    faults: [...faults, ...like.faults.filter(({ check }) => check === 'owner-cycle')],
    locate: input.locate ?? (() => undefined),
  }
}

function indexed(objects: readonly KubeObject[]): Pick<Cluster, 'get' | 'ofKind'> {
  const byId = new Map<string, KubeObject>()
  const byGroup = new Map<string, Map<string, KubeObject[]>>()
  for (let index = 0; index < objects.length; index++) {
    const object = objects[index] as KubeObject
    byId.set(object.id, object)
    let byKind = byGroup.get(object.group)
    if (!byKind) {
      byKind = new Map()
      byGroup.set(object.group, byKind)
    }
    const same = byKind.get(object.kind)
    if (same) same.push(object)
    else byKind.set(object.kind, [object])
  }
  return {
    get: (id) => byId.get(id),
    ofKind: (kind, group = '') => byGroup.get(group)?.get(kind) ?? [],
  }
}

function built(input: ClusterInput, objects: readonly KubeObject[], faults: Fault[]): Omit<Cluster, 'definitions'> {
  const resolved = resolveWorkloads(objects)
  for (const { object, why } of resolved.problems)
    faults.push({
      check: 'owner-cycle',
      object,
      message: why,
      because: [because(why, object, ['metadata', 'ownerReferences'])],
    })
  const workloads = new Map(resolved.workloads.map((workload) => [workload.id, workload]))
  const placement = resolvePlacement(objects, resolved.workloads)
  const uses = new Map<string, readonly Use[]>()
  const kubelets = placement.nodes.flatMap((node) => node.kubelet ?? [])
  return {
    version: chooseVersion(input.version, input.serverVersion, kubelets),
    objects,
    ...indexed(objects),
    wasListed: (type) => input.listed?.has(type) ?? false,
    namespaces: resolveNamespaces(objects),
    workloads: resolved.workloads,
    workload: (id) => workloads.get(id),
    workloadOf: (id) => resolved.ownerOf.get(id),
    usesOf: (workload) => {
      const known = uses.get(workload.id) ?? usesOf(workload)
      uses.set(workload.id, known)
      return known
    },
    placement,
    roles: objects.filter(isRole).map((object) => decodeRole(object)),
    bindings: objects.filter(isBinding).map((object) => decodeBinding(object)),
    faults,
    locate: input.locate ?? (() => undefined),
  }
}

const NOWHERE: Path = []

/** `kubectl apply` of the same input would leave the last of several objects with one name; so do we, and say so. */
function lastOfEach(all: readonly KubeObject[]): { objects: readonly KubeObject[]; faults: Fault[] } {
  const lasts = new Map<string, KubeObject>()
  const several = new Map<string, KubeObject[]>()
  for (let index = 0; index < all.length; index++) {
    const object = all[index] as KubeObject
    const before = lasts.get(object.id)
    lasts.set(object.id, object)
    if (!before) continue
    const same = several.get(object.id)
    if (same) same.push(object)
    else several.set(object.id, [before, object])
  }
  const ids = [...lasts.keys()]
  const faults: Fault[] = []
  for (let index = 0; index < ids.length && several.size > 0; index++) {
    const same = several.get(ids[index] as string)
    const last = same?.at(-1)
    if (!same || !last || isBookkeeping(last)) continue
    faults.push({
      check: 'duplicate-object',
      object: last,
      message: `defined ${same.length} times; the last definition counts, as in kubectl apply`,
      because: [because('counts', last, NOWHERE), ...places(same.slice(0, -1))],
    })
  }
  // Answers and their reasons are the same in whatever order the files were read.
  return { objects: ids.sort().map((id) => lasts.get(id) as KubeObject), faults }
}

const MOST_PLACES = 50

function places(replaced: readonly KubeObject[]): readonly Because[] {
  const told = replaced.slice(-MOST_PLACES).map((each) => because('is replaced', each, NOWHERE))
  return replaced.length > MOST_PLACES ? [...told, because(`and ${replaced.length - MOST_PLACES} more before`)] : told
}

function isBookkeeping(object: KubeObject): boolean {
  return object.kind === 'Event' || object.kind === 'Lease'
}
