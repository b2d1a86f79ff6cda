import { at, field, type Json, list, type Path, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import { mountedVolumes } from '../../cluster/uses.ts'
import type { Workload } from '../../cluster/workload.ts'

/** A reference of a pod to a Secret or ConfigMap of its namespace. */
export interface Reference {
  readonly name: string
  /** That must be there; empty: whichever there are. */
  readonly keys: readonly string[]
  readonly isOptional: boolean
  readonly object: KubeObject
  readonly path: Path
}

type Kind = 'Secret' | 'ConfigMap'

/**
 * What the kubelet reads before it starts the containers. It skips volumes that no container mounts
 * (pkg/kubelet/volumemanager/populator) and pull secrets that are not there.
 */
export function referencesOf({ specs }: Workload, kind: Kind): readonly Reference[] {
  return specs.flatMap(({ pod, object }) => [...ofContainers(pod, object, kind), ...ofVolumes(pod, object, kind)])
}

const ENV_FIELD = { Secret: 'secretKeyRef', ConfigMap: 'configMapKeyRef' } as const
const ENV_FROM_FIELD = { Secret: 'secretRef', ConfigMap: 'configMapRef' } as const

function* ofContainers({ containers }: PodSpec, object: KubeObject, kind: Kind): Generator<Reference> {
  for (const container of containers) {
    for (const { from, path } of container.env) {
      if (from?.kind !== kind) continue
      const { name, key, optional: isOptional } = from
      yield { name, keys: [key], isOptional, object, path: [...path, 'valueFrom', ENV_FIELD[kind]] }
    }
    for (const each of container.envFrom) {
      if (each.kind !== kind) continue
      const path = [...each.path, ENV_FROM_FIELD[kind]]
      const isOptional = at(object.body, ...path, 'optional') === true
      yield { name: each.name, keys: [], isOptional, object, path }
    }
  }
}

function* ofVolumes(pod: PodSpec, object: KubeObject, kind: Kind): Generator<Reference> {
  for (const { volume } of mountedVolumes(pod)) {
    const value = at(object.body, ...volume.path)
    yield* ofSource(value, volume.path, object, kind)
    for (const [index, source] of list(at(value, 'projected', 'sources')).entries())
      yield* ofSource(source, [...volume.path, 'projected', 'sources', index], object, kind, 'name')
  }
}

function* ofSource(
  value: Json | undefined,
  path: Path,
  object: KubeObject,
  kind: Kind,
  secretName = 'secretName',
): Generator<Reference> {
  const key = kind === 'Secret' ? 'secret' : 'configMap'
  const source = field(value, key)
  const name = string(field(source, kind === 'Secret' ? secretName : 'name'))
  if (name === undefined) return
  const keys = list(field(source, 'items')).flatMap((item) => string(field(item, 'key')) ?? [])
  yield { name, keys, isOptional: field(source, 'optional') === true, object, path: [...path, key] }
}
