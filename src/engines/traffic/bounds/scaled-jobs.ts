import { because } from '../../../cluster/because.ts'
import { at } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Growth } from '../growth.ts'
import { podsOfJob } from './jobs.ts'
import { counted } from './scalers.ts'

/** KEDA pkg/apis/keda/v1alpha1 ScaledJob: defaultScaledJobMaxReplicaCount. */
const DEFAULT = 100
const PAUSED = 'autoscaling.keda.sh/paused'

/** Jobs at once times the pods of each. */
export function growthOfScaledJob(object: KubeObject, live: number): Growth {
  const { body } = object
  if (annotationsOf(body).get(PAUSED) === 'true')
    return { now: live, most: live, because: [because('it is paused', object, ['metadata', 'annotations', PAUSED])] }
  const written = counted(at(body, 'spec', 'maxReplicaCount'))
  const pods = podsOfJob(at(body, 'spec', 'jobTargetRef'))
  const most = (written ?? DEFAULT) * pods
  const text =
    written === undefined
      ? `says no maxReplicaCount: the default is ${DEFAULT} Jobs at once, of ${pods} pods`
      : `at most ${written} Jobs at once, of ${pods} pods`
  const path = written === undefined ? ['spec'] : ['spec', 'maxReplicaCount']
  return { now: live, most: Math.max(live, most), because: [because(text, object, path)] }
}
