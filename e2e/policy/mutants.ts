// Objects that are almost like others: what a check says of them is not known before.
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  object,
  type Path,
  type Step,
  string,
} from '../../src/cluster/json.ts'
import type { Random } from './random.ts'

/** Values that stand in the objects of a pool, by the two keys that lead to them: what else a field could hold. */
export type Donors = ReadonlyMap<string, readonly Json[]>

export function donorsOf(bodies: readonly JsonObject[]): Donors {
  const found = new Map<string, Map<string, Json>>()
  for (const body of bodies)
    for (const path of pathsOf(body)) {
      const key = keyOf(path)
      const values = found.get(key) ?? new Map<string, Json>()
      const value = at(body, ...path) as Json
      if (values.size < MOST_DONORS) values.set(JSON.stringify(value), value)
      found.set(key, values)
    }
  return new Map([...found].map(([key, values]) => [key, [...values.values()]]))
}

const MOST_DONORS = 200

/** One to four changes: a value from elsewhere, a field dropped, an item twice or moved, a scalar bent, a pod in another kind. */
export function mutant(body: JsonObject, donors: Donors, random: Random): JsonObject {
  let changed = body
  for (let times = 1 + random.below(3); times > 0; times--) changed = random.pick(CHANGES)(changed, donors, random)
  return random.chance(0.4) ? inOtherKind(changed, random) : changed
}

/** The same fault in other clothes: a label more, or a pod in another kind. */
export function sibling(body: JsonObject, number: number, random: Random): JsonObject {
  const marked = changeAt(body, ['metadata', 'annotations'], (annotations) => ({
    ...object(annotations),
    'e2e.bulkhead.dev/sibling': `${number}`,
  }))
  return random.chance(0.5) ? inOtherKind(marked, random) : marked
}

type Change = (body: JsonObject, donors: Donors, random: Random) => JsonObject

const graft: Change = (body, donors, random) => {
  const path = somePath(body, random)
  const others = donors.get(keyOf(path))
  return others ? changeAt(body, path, () => random.pick(others)) : body
}

/** A field that the mapping does not have yet, but that others of its like have. */
const add: Change = (body, donors, random) => {
  const path = somePath(body, random)
  const parent = path.filter((step) => typeof step === 'string').at(-1)
  if (parent === undefined || !isObject(at(body, ...path))) return body
  const keys = [...donors.keys()].filter((key) => key.startsWith(`${parent}.`))
  if (keys.length === 0) return body
  const key = random.pick(keys)
  return changeAt(body, [...path, key.slice(parent.length + 1)], () => random.pick(donors.get(key) as readonly Json[]))
}

const drop: Change = (body, _, random) => changeAt(body, somePath(body, random), () => undefined)

const repeat: Change = (body, _, random) => {
  const lists = pathsOf(body).filter((path) => Array.isArray(at(body, ...path)))
  if (lists.length === 0) return body
  return changeAt(body, random.pick(lists), (items) => {
    const all = items as readonly Json[]
    if (all.length === 0) return all
    const item = random.pick(all)
    if (random.chance(0.3)) return [item, ...all.filter((other) => other !== item)]
    const copy = isObject(item) && typeof item.name === 'string' ? { ...item, name: `${item.name}-2` } : item
    return [...all, copy]
  })
}

const bend: Change = (body, _, random) => {
  const scalars = pathsOf(body).filter((path) => !isObject(at(body, ...path)) && !Array.isArray(at(body, ...path)))
  if (scalars.length === 0) return body
  return changeAt(body, random.pick(scalars), (value) => {
    if (typeof value === 'boolean') return !value
    if (typeof value === 'number') return random.pick([0, 1, value + 1, value * 1000])
    const text = string(value) ?? ''
    return random.pick([
      `${text}-x`,
      text.slice(1),
      text.toUpperCase(),
      `${text}:latest`,
      text.split(':', 1)[0] ?? '',
      'é',
    ])
  })
}

const CHANGES: readonly Change[] = [graft, graft, graft, graft, add, add, drop, drop, repeat, bend]

const TEMPLATES: ReadonlyMap<string, Path> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ...['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'Job', 'Rollout'].map(
    (kind): [string, Path] => [kind, ['spec', 'template']],
  ),
])

function inOtherKind(body: JsonObject, random: Random): JsonObject {
  const path = TEMPLATES.get(string(body.kind) ?? '')
  const pod = path && at(body, ...path)
  if (!isObject(pod) || !isObject(pod.spec)) return body
  const metadata = { ...object(body.metadata), name: 'moved', labels: { app: 'moved' } }
  const own = { ...object(pod.metadata), labels: { app: 'moved' } }
  const { restartPolicy, ...spec } = pod.spec
  const template = { metadata: pod === body ? { labels: { app: 'moved' } } : own, spec }
  const once = { ...template, spec: { ...spec, restartPolicy: restartPolicy === 'OnFailure' ? 'OnFailure' : 'Never' } }
  const selected = { selector: { matchLabels: { app: 'moved' } }, template }
  const apps = (kind: string, more: JsonObject = {}) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata,
    spec: { ...selected, ...more },
  })
  return random.pick<() => JsonObject>([
    () => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec: pod.spec as JsonObject }),
    () => ({ apiVersion: 'v1', kind: 'PodTemplate', metadata, template }),
    () => ({ apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { template } }),
    () => apps('Deployment', random.chance(0.5) ? { replicas: 1 + random.below(3) } : {}),
    () => apps('ReplicaSet'),
    () => apps('DaemonSet'),
    () => apps('StatefulSet', { serviceName: 'moved' }),
    () => ({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: once } }),
    () => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { schedule: '5 4 * * *', jobTemplate: { spec: { template: once } } },
    }),
    () => ({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata, spec: selected }),
  ])()
}

/** Every path into the object that a change may touch: not what says which object it is. */
function pathsOf(body: JsonObject): Path[] {
  const found: Path[] = []
  const walk = (value: Json, path: Path): void => {
    if (path.length > 0 && !isFixed(path)) found.push(path)
    if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index])
    else if (isObject(value)) for (const key of Object.keys(value)) walk(value[key] as Json, [...path, key])
  }
  walk(body, [])
  return found
}

function isFixed(path: Path): boolean {
  const [first, second] = path
  return (
    first === 'apiVersion' ||
    first === 'kind' ||
    first === 'status' ||
    (path.length === 1 && first === 'metadata') ||
    (first === 'metadata' && (second === 'name' || second === 'namespace'))
  )
}

function somePath(body: JsonObject, random: Random): Path {
  const paths = pathsOf(body)
  return paths.length === 0 ? ['metadata', 'labels'] : random.pick(paths)
}

/** The last two keys, whatever list they stand in. */
function keyOf(path: Path): string {
  return path
    .filter((step) => typeof step === 'string')
    .slice(-2)
    .join('.')
}

/** The object with another value at the path; undefined takes it away. What is not changed is shared. */
function changeAt(body: JsonObject, path: Path, change: (value: Json | undefined) => Json | undefined): JsonObject {
  return changed(body, path, change) as JsonObject
}

function changed(
  value: Json | undefined,
  [step, ...rest]: readonly Step[],
  change: (value: Json | undefined) => Json | undefined,
): Json | undefined {
  if (step === undefined) return change(value)
  if (typeof step === 'number') {
    const items = value as readonly Json[]
    const item = changed(items[step], rest, change)
    return item === undefined ? items.filter((_, index) => index !== step) : items.with(step, item)
  }
  const fields = object(value)
  const item = changed(fields[step], rest, change)
  const { [step]: _, ...others } = fields
  return item === undefined ? others : { ...fields, [step]: item }
}
