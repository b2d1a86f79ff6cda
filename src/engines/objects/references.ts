import { at, field, type Json, list, type Path, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import { mountedVolumes } from '../../cluster/uses.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'

/** A reference of a pod to a Secret or ConfigMap of its namespace. */
export interface Reference {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  /** That must be there; empty: whichever there are. */
  readonly keys: readonly string[]
  readonly isOptional: boolean
  readonly object: KubeObject
  readonly path: Path
}

const known = new WeakMap<Shape, readonly Reference[]>()

/**
 * What the kubelet reads before it starts the containers. It skips volumes that no container mounts
 * (pkg/kubelet/volumemanager/populator) and pull secrets that are not there.
 */
export function referencesOf({ specs }: Workload): readonly Reference[] {
  const found: Reference[] = []
  for (const shape of specs) {
    const own = known.get(shape) ?? ofShape(shape)
    known.set(shape, own)
    for (const each of own) found.push(each)
  }
  return found
}

function ofShape({ pod, object }: Shape): readonly Reference[] {
  const found: Reference[] = []
  addEnvironment(found, pod, object)
  for (const { volume } of mountedVolumes(pod)) {
    const value = at(object.body, ...volume.path)
    addSource(found, value, volume.path, object, 'secretName')
    const sources = list(at(value, 'projected', 'sources'))
    for (const [index, source] of sources.entries())
      addSource(found, source, [...volume.path, 'projected', 'sources', index], object, 'name')
  }
  return found
}

const ENV_FIELD = { Secret: 'secretKeyRef', ConfigMap: 'configMapKeyRef' } as const
const ENV_FROM_FIELD = { Secret: 'secretRef', ConfigMap: 'configMapRef' } as const

function addEnvironment(found: Reference[], { containers }: PodSpec, object: KubeObject): void {
  for (const container of containers) {
    for (const { from, path } of container.env) {
      if (!from) continue
      const { kind, name, key, optional: isOptional } = from
      found.push({ kind, name, keys: [key], isOptional, object, path: [...path, 'valueFrom', ENV_FIELD[kind]] })
    }
    for (const { kind, name, path: place } of container.envFrom) {
      const path = [...place, ENV_FROM_FIELD[kind]]
      found.push({ kind, name, keys: [], isOptional: at(object.body, ...path, 'optional') === true, object, path })
    }
  }
}

/** `secretName`: the field that names the Secret, which is another in a projected volume. */
function addSource(
  found: Reference[],
  value: Json | undefined,
  path: Path,
  object: KubeObject,
  secretName: string,
): void {
  for (const kind of ['Secret', 'ConfigMap'] as const) {
    const key = kind === 'Secret' ? 'secret' : 'configMap'
    const source = field(value, key)
    const name = string(field(source, kind === 'Secret' ? secretName : 'name'))
    if (name === undefined) continue
    const keys = list(field(source, 'items')).flatMap((item) => string(field(item, 'key')) ?? [])
    found.push({ kind, name, keys, isOptional: field(source, 'optional') === true, object, path: [...path, key] })
  }
}
