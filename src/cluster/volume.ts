import { at, field, isObject, type Json, type JsonObject, list, type Path, string } from './json.ts'

/** Volumes of a pod (core/v1 VolumeSource), as far as they lead to something. */

export type VolumeSource =
  | { readonly kind: 'hostPath'; readonly hostPath: string; readonly type: string }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'configMap'; readonly name: string }
  | { readonly kind: 'claim'; readonly name: string; readonly readOnly: boolean }
  | { readonly kind: 'ephemeralClaim' }
  | { readonly kind: 'token'; readonly audience: string | undefined }
  /** `secret`: what the kubelet reads to mount it, and the pod does not see. */
  | { readonly kind: 'other'; readonly type: string; readonly secret: string | undefined }

export interface Volume {
  readonly name: string
  /** A projected volume has several. */
  readonly sources: readonly VolumeSource[]
  readonly path: Path
}

/** Where a volume names the Secret that the kubelet mounts it with: pkg/api/v1/pod/util.go VisitPodSecretNames. */
const MOUNT_SECRETS: Readonly<Record<string, Path>> = {
  azureFile: ['secretName'],
  cephfs: ['secretRef', 'name'],
  cinder: ['secretRef', 'name'],
  csi: ['nodePublishSecretRef', 'name'],
  flexVolume: ['secretRef', 'name'],
  iscsi: ['secretRef', 'name'],
  rbd: ['secretRef', 'name'],
  scaleIO: ['secretRef', 'name'],
  storageos: ['secretRef', 'name'],
}

export function decodeVolume(item: JsonObject, path: Path): Volume {
  return { name: string(field(item, 'name')) ?? '', sources: volumeSources(item), path }
}

function volumeSources(item: JsonObject): readonly VolumeSource[] {
  const hostPath = field(item, 'hostPath')
  if (isObject(hostPath))
    return [
      {
        kind: 'hostPath',
        hostPath: string(field(hostPath, 'path')) ?? '',
        type: string(field(hostPath, 'type')) ?? '',
      },
    ]
  const claim = string(at(item, 'persistentVolumeClaim', 'claimName'))
  if (claim !== undefined)
    return [{ kind: 'claim', name: claim, readOnly: at(item, 'persistentVolumeClaim', 'readOnly') === true }]
  const secret = string(at(item, 'secret', 'secretName'))
  if (secret !== undefined) return [{ kind: 'secret', name: secret }]
  const configMap = string(at(item, 'configMap', 'name'))
  if (configMap !== undefined) return [{ kind: 'configMap', name: configMap }]
  if (isObject(field(item, 'ephemeral'))) return [{ kind: 'ephemeralClaim' }]
  if (isObject(field(item, 'projected'))) return list(at(item, 'projected', 'sources')).flatMap(projectedSource)
  const type = Object.keys(item).find((key) => key !== 'name') ?? 'emptyDir'
  const path = Object.hasOwn(MOUNT_SECRETS, type) ? (MOUNT_SECRETS[type] as Path) : undefined
  return [{ kind: 'other', type, secret: path && (string(at(item, type, ...path)) || undefined) }]
}

function projectedSource(item: Json): VolumeSource[] {
  const secret = string(at(item, 'secret', 'name'))
  if (secret !== undefined) return [{ kind: 'secret', name: secret }]
  const configMap = string(at(item, 'configMap', 'name'))
  if (configMap !== undefined) return [{ kind: 'configMap', name: configMap }]
  if (isObject(field(item, 'serviceAccountToken')))
    return [{ kind: 'token', audience: string(at(item, 'serviceAccountToken', 'audience')) || undefined }]
  return []
}
