import type { Path } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Container, PodSpec } from './pod.ts'
import type { Volume } from './volume.ts'
import type { Workload } from './workload.ts'

/** One use of a Secret, ConfigMap or PersistentVolumeClaim by a workload. */
export interface Use {
  readonly kind: 'Secret' | 'ConfigMap' | 'PersistentVolumeClaim'
  readonly name: string
  readonly how: 'volume' | 'env' | 'envFrom' | 'imagePullSecret' | 'claimTemplate'
  /** The key of an environment variable's reference. */
  readonly key: string | undefined
  readonly object: KubeObject
  readonly path: Path
}

/** A volume that at least one container mounts, directly or as a block device, can be read by the workload. */
export function mountedVolumes(
  pod: PodSpec,
): readonly { readonly volume: Volume; readonly containers: readonly Container[] }[] {
  return pod.volumes.flatMap((volume) => {
    const containers = pod.containers.filter(
      (each) =>
        each.mounts.some((mount) => mount.volume === volume.name) ||
        each.devices.some((device) => device.volume === volume.name),
    )
    return containers.length > 0 ? [{ volume, containers }] : []
  })
}

/** Everything that the workload's pods refer to in their namespace, once each. */
export function usesOf(workload: Workload): readonly Use[] {
  const found = new Map<string, Use>()
  const add = (use: Use): void => {
    const key = `${use.kind} ${use.name} ${use.how} ${use.key ?? ''}`
    if (!found.has(key)) found.set(key, use)
  }
  for (const { pod, object } of workload.specs) {
    for (const { volume } of mountedVolumes(pod)) {
      for (const source of volume.sources) {
        if (source.kind === 'secret')
          add({ kind: 'Secret', name: source.name, how: 'volume', key: undefined, object, path: volume.path })
        else if (source.kind === 'configMap')
          add({ kind: 'ConfigMap', name: source.name, how: 'volume', key: undefined, object, path: volume.path })
        else if (source.kind === 'claim')
          add({
            kind: 'PersistentVolumeClaim',
            name: source.name,
            how: 'volume',
            key: undefined,
            object,
            path: volume.path,
          })
      }
    }
    for (const container of pod.containers) {
      for (const { from, path } of container.env)
        if (from) add({ kind: from.kind, name: from.name, how: 'env', key: from.key, object, path })
      for (const { kind, name, path } of container.envFrom)
        add({ kind, name, how: 'envFrom', key: undefined, object, path })
    }
    pod.imagePullSecrets.forEach((name, index) => {
      add({
        kind: 'Secret',
        name,
        how: 'imagePullSecret',
        key: undefined,
        object,
        path: [...pod.path, 'imagePullSecrets', index],
      })
    })
  }
  return [...found.values()]
}
