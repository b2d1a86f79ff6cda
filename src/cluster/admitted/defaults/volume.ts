import { field, type JsonObject } from '../../json.ts'
import { each, filled, inside, isUnset } from '../fill.ts'
import { isLatest } from '../image.ts'
import { roundedResources } from './resources.ts'

/** Volumes of pods and sources of PersistentVolumes: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go. */

/** The feature gate ImageVolume is on by default since. */
const IMAGE_VOLUME = 35

export function fieldReference(reference: JsonObject): JsonObject {
  return filled(reference, { apiVersion: 'v1' })
}

const MODE: JsonObject = { defaultMode: 0o644 }

/** Of sources that a Pod and a PersistentVolume name alike. */
const SOURCES: Readonly<Record<string, JsonObject>> = {
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
}

export function volumeSource(given: JsonObject): JsonObject {
  let source = given
  for (const key of Object.keys(SOURCES)) {
    source = inside(source, key, (one) => filled(one, SOURCES[key] as JsonObject))
  }
  return inside(source, 'hostPath', (path) => filled(path, { type: '' }))
}

export function volume(given: JsonObject, minor: number): JsonObject {
  let volume = given
  const keys = Object.keys(volume)
  if (keys.every((key) => key === 'name')) return { ...volume, emptyDir: {} }
  volume = volumeSource(volume)
  if (minor >= IMAGE_VOLUME) volume = inside(volume, 'image', imageSource)
  volume = inside(volume, 'secret', (secret) => filled(secret, MODE))
  volume = inside(volume, 'configMap', (map) => filled(map, MODE))
  volume = inside(volume, 'downwardAPI', (api) => downward(filled(api, MODE)))
  volume = inside(volume, 'projected', (projected) => each(filled(projected, MODE), 'sources', projection))
  return inside(volume, 'ephemeral', (ephemeral) =>
    inside(ephemeral, 'volumeClaimTemplate', (template) => inside(template, 'spec', claimSpec)),
  )
}

function imageSource(image: JsonObject): JsonObject {
  if (!isUnset(image, 'pullPolicy')) return image
  const reference = field(image, 'reference')
  const latest = typeof reference === 'string' && isLatest(reference)
  return { ...image, pullPolicy: latest ? 'Always' : 'IfNotPresent' }
}

function downward(source: JsonObject): JsonObject {
  return each(source, 'items', (item) => inside(item, 'fieldRef', fieldReference))
}

function projection(given: JsonObject): JsonObject {
  return inside(inside(given, 'downwardAPI', downward), 'serviceAccountToken', (token) =>
    filled(token, { expirationSeconds: 3600 }),
  )
}

/** Of a PersistentVolumeClaim and of the claim template of a volume. */
export function claimSpec(given: JsonObject): JsonObject {
  return roundedResources(filled(given, { volumeMode: 'Filesystem' }))
}
