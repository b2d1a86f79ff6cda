import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { object as asObject, at, field, type JsonObject, list, type Path, string } from '../json.ts'
import { currentGroup, typeName } from '../kinds.ts'
import { idOf, type KubeObject } from '../object.ts'
import type { Workload } from '../workload.ts'

/** Labels and annotations that may say which application something belongs to, and where they stand. */
export interface Place {
  readonly where: 'object' | 'template' | 'owner' | 'namespace'
  readonly object: KubeObject
  readonly labels: JsonObject
  readonly annotations: JsonObject
  /** The path of their metadata. */
  readonly path: Path
}

const METADATA: Path = ['metadata']

export function placeOf(object: KubeObject, where: Place['where'] = 'object', path: Path = METADATA): Place {
  const metadata = path === METADATA ? field(object.body, 'metadata') : at(object.body, ...path)
  const labels = asObject(field(metadata, 'labels'))
  return { where, object, labels, annotations: asObject(field(metadata, 'annotations')), path }
}

/** Of a workload: its object, then its pod template, then the custom resources that own it. */
export function placesOf(workload: Workload, cluster: Cluster): readonly Place[] {
  const places: Place[] = workload.object ? [placeOf(workload.object)] : []
  const shape = workload.specs[0]
  if (shape && !(shape.object === workload.object && shape.pod.path.length === 1)) {
    places.push(placeOf(shape.object, 'template', [...shape.pod.path.slice(0, -1), 'metadata']))
  }
  for (const owner of ownersOf(workload.object, cluster)) places.push(placeOf(owner, 'owner'))
  return places
}

const MAX_OWNERS = 8
const NOBODY: readonly KubeObject[] = []

/** The controlling owners of an object that are in the input, nearest first. */
export function ownersOf(object: KubeObject | undefined, cluster: Cluster): readonly KubeObject[] {
  let owners: KubeObject[] | undefined
  for (let here = object; here; here = owners?.at(-1)) {
    const id = ownerId(here)
    const owner = id === undefined ? undefined : (cluster.get(id.namespaced) ?? cluster.get(id.global))
    if (!owner || owner === object || owners?.includes(owner) || owner.kind === 'Node') break
    owners ??= []
    if (owners.push(owner) === MAX_OWNERS) break
  }
  return owners ?? NOBODY
}

function ownerId(object: KubeObject): { readonly namespaced: string; readonly global: string } | undefined {
  const references = list(field(field(object.body, 'metadata'), 'ownerReferences'))
  if (references.length === 0) return undefined
  const owner = references.find((each) => field(each, 'controller') === true) ?? references[0]
  const kind = string(field(owner, 'kind'))
  const name = string(field(owner, 'name'))
  if (kind === undefined || name === undefined) return undefined
  const type = typeName(groupOf(string(field(owner, 'apiVersion')) ?? '', kind), kind)
  return { namespaced: idOf(type, object.namespace, name), global: idOf(type, '', name) }
}

/** The API group in an `apiVersion`. */
export function groupOf(apiVersion: string, kind: string): string {
  const slash = apiVersion.lastIndexOf('/')
  return currentGroup(slash < 0 ? '' : apiVersion.slice(0, slash), kind)
}

/** One label or annotation: what a claim rests on, put into words only when it is shown. */
export interface Mark {
  readonly place: Place
  readonly from: 'labels' | 'annotations'
  readonly key: string
}

export function textAt(place: Place, from: Mark['from'], key: string): string | undefined {
  return string(field(place[from], key))
}

const MAX_SHOWN = 120

/** `label app is "web"`, and of what when it is not the object itself. */
export function say({ place, from, key }: Mark): Because {
  const { object, where } = place
  const what = from === 'labels' ? 'label' : 'annotation'
  const value = (textAt(place, from, key) ?? '').trim().slice(0, MAX_SHOWN)
  return because(`${what} ${key}${OF[where](object)} is "${value}"`, object, [...place.path, from, key])
}

const OF: Readonly<Record<Place['where'], (object: KubeObject) => string>> = {
  object: () => '',
  template: () => ' of its pods',
  owner: (object) => ` of its owner ${typeName(object.group, object.kind)}/${object.name}`,
  namespace: () => ' of its namespace',
}
