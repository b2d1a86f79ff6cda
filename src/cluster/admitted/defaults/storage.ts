import type { JsonObject } from '../../json.ts'
import { filled, inside } from '../fill.ts'
import { roundedAmounts } from './resources.ts'
import { volumeSource } from './volume.ts'

/** pkg/apis/storage/v1/defaults.go. */

export function storageClass(given: JsonObject): JsonObject {
  return filled(given, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })
}

export function csiDriver(given: JsonObject, minor: number): JsonObject {
  return inside(given, 'spec', (spec) =>
    filled(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
      ...(minor > 36 ? { preventPodSchedulingIfMissing: false } : {}),
    }),
  )
}

export function volumeAttachment(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) =>
    inside(spec, 'source', (source) =>
      inside(source, 'inlineVolumeSpec', (volume) => volumeSource(roundedAmounts(volume, 'capacity'))),
    ),
  )
}
