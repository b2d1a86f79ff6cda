import { at, field, isObject, type Json, type JsonObject, list, type Path, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { podSpecs } from '../../cluster/templates.ts'

/** What a check of Polaris looks at. */
export interface CheckTarget {
  /** `Container`, `PodSpec`, `PodTemplate`, `Controller`, or a kind, with or without its group: `networking.k8s.io/Ingress`. */
  readonly name: string
  /** For a check of containers: that its schema is of the pod, with this container alone in it. */
  readonly schemaTarget?: string
  /** Kinds. */
  readonly controllers: IncludeExclude
  /** `container` and `initContainer`. */
  readonly containers: IncludeExclude
}

interface IncludeExclude {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

export interface Targeted {
  readonly value: Json
  /** Where a path in the value stands in the object. */
  place(path: Path): Path
  readonly container?: string
}

const OF_PODS: ReadonlySet<string> = new Set(['Container', 'PodSpec', 'PodTemplate', 'Controller'])

/** pkg/config/schema.go IsActionable. */
export function isTarget({ name, controllers }: CheckTarget, object: KubeObject): boolean {
  const isKind = OF_PODS.has(name) || name === object.kind || name === `${object.group}/${object.kind}`
  return isKind && isIncluded(controllers, object.kind)
}

function isIncluded({ include, exclude }: IncludeExclude, text: string): boolean {
  return (include.length === 0 || include.includes(text)) && !exclude.includes(text)
}

/** None for an object without pods, where the check is about them. */
export function* targetsIn(target: CheckTarget, object: KubeObject): Generator<Targeted> {
  const { name } = target
  if (!OF_PODS.has(name)) {
    yield { value: object.body, place: (path) => path }
    return
  }
  const specs = podSpecs(object)
  if (name === 'Controller') {
    if (specs.length > 0) yield { value: object.body, place: (path) => path }
    return
  }
  for (const { path } of specs) {
    const base = name === 'PodTemplate' ? path.slice(0, -1) : path
    const value = at(object.body, ...base)
    if (!isObject(value)) continue
    if (name === 'Container') yield* containersIn(target, value, path)
    else yield { value, place: (inside) => [...base, ...inside] }
  }
}

const LISTS = [
  ['containers', 'container'],
  ['initContainers', 'initContainer'],
] as const

function* containersIn(target: CheckTarget, spec: JsonObject, path: Path): Generator<Targeted> {
  for (const [key, word] of LISTS) {
    if (!isIncluded(target.containers, word)) continue
    for (const [index, value] of list(field(spec, key)).entries()) {
      const here = [...path, key, index]
      const container = string(field(value, 'name'))
      const named = container === undefined ? {} : { container }
      if (target.schemaTarget === undefined) yield { value, place: (inside) => [...here, ...inside], ...named }
      else yield { ...alone(target.schemaTarget, spec, value, path, here), ...named }
    }
  }
}

/** The pod with one container in it, as Polaris makes it: an init container stands among the containers too. */
function alone(schemaTarget: string, spec: JsonObject, value: Json, path: Path, here: Path): Targeted {
  const { initContainers: _, ...rest } = spec
  const pod = { ...rest, containers: [value] }
  const template = schemaTarget === 'PodTemplate'
  const depth = template ? 1 : 0
  return {
    value: template ? { spec: pod } : pod,
    place: (inside) =>
      inside[depth] === 'containers' && inside.length > depth + 1
        ? [...here, ...inside.slice(depth + 2)]
        : [...path, ...inside.slice(depth)],
  }
}
