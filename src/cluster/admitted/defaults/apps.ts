import { at, field, isObject, type Json, type JsonObject, type Path } from '../../json.ts'
import { each, filled, inside, isUnset, set } from '../fill.ts'
import { persistentVolumeClaim, withoutAnnotations } from './core.ts'
import { podTemplate } from './pod.ts'

/** pkg/apis/apps/v1/defaults.go and conversion.go. */

const QUARTER: JsonObject = { maxUnavailable: '25%', maxSurge: '25%' }

export function deployment(given: JsonObject, minor: number): JsonObject {
  const deployment = inside(given, 'spec', (spec) => {
    let whole = filled(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
    whole = inside(whole, 'strategy', (strategy) => rolling(strategy, QUARTER))
    return inside(whole, 'template', (template) => podTemplate(template, minor))
  })
  return withRollback(deployment)
}

/** As `RollingUpdate`, which is the default, with what that takes; the internal version has no pointers for it. */
function rolling(given: JsonObject, defaults: JsonObject): JsonObject {
  const strategy = filled(given, { type: 'RollingUpdate' })
  if (field(strategy, 'type') === 'RollingUpdate') {
    const update = field(strategy, 'rollingUpdate')
    return set(strategy, 'rollingUpdate', filled(isObject(update) ? update : {}, defaults))
  }
  return inside(strategy, 'rollingUpdate', (update) => filled(update, { maxUnavailable: 0, maxSurge: 0 }))
}

const ROLLBACK = 'deprecated.deployment.rollback.to'

/** The annotation is read as a number and written again, unless it is empty. */
function withRollback(deployment: JsonObject): JsonObject {
  const revision = at(deployment, 'metadata', 'annotations', ROLLBACK)
  if (revision === undefined) return deployment
  if (revision === '') return withoutAnnotations(deployment, (name) => name === ROLLBACK)
  return withAnnotation(deployment, ROLLBACK, canonicalInteger(revision) ?? revision)
}

function withAnnotation(object: JsonObject, name: string, value: Json): JsonObject {
  return inside(object, 'metadata', (metadata) => {
    const annotations = field(metadata, 'annotations')
    return set(metadata, 'annotations', set(isObject(annotations) ? annotations : {}, name, value))
  })
}

/** What ParseInt takes for an integer of 64 bits, as it is written. */
function canonicalInteger(text: Json): string | undefined {
  if (typeof text !== 'string' || !/^[+-]?\d{1,64}$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? String(value) : undefined
}

const GENERATION = 'deprecated.daemonset.template.generation'

export function daemonSet(given: JsonObject, minor: number): JsonObject {
  const set = inside(given, 'spec', (spec) => {
    const whole = filled(spec, { revisionHistoryLimit: 10 })
    const strategy = inside(whole, 'updateStrategy', (update) => rolling(update, { maxUnavailable: 1, maxSurge: 0 }))
    return inside(strategy, 'template', (template) => podTemplate(template, minor))
  })
  // The internal version has a field for it, which every version in use writes as an annotation.
  const generation = at(set, 'metadata', 'annotations', GENERATION)
  return withAnnotation(set, GENERATION, generation === undefined ? '0' : (canonicalInteger(generation) ?? generation))
}

/** The path of an annotation for which the API server cannot read the object. */
export function unreadableAnnotation(kind: string, object: JsonObject): Path | undefined {
  const name = kind === 'Deployment' ? ROLLBACK : kind === 'DaemonSet' ? GENERATION : undefined
  const path: Path = ['metadata', 'annotations', name ?? '']
  const text = name === undefined ? undefined : at(object, ...path)
  if (text === undefined || (name === ROLLBACK && text === '') || canonicalInteger(text) !== undefined) return undefined
  return path
}

export function replicaSet(given: JsonObject, minor: number): JsonObject {
  return inside(given, 'spec', (spec) =>
    inside(filled(spec, { replicas: 1 }), 'template', (template) => podTemplate(template, minor)),
  )
}

export function statefulSet(given: JsonObject, minor: number): JsonObject {
  return inside(given, 'spec', (spec) => {
    let whole = filled(spec, {
      podManagementPolicy: 'OrderedReady',
      replicas: 1,
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: {},
    })
    whole = inside(whole, 'updateStrategy', (update) => statefulUpdate(update, minor))
    whole = inside(whole, 'persistentVolumeClaimRetentionPolicy', (policy) =>
      filled(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
    )
    return each(
      inside(whole, 'template', (template) => podTemplate(template, minor)),
      'volumeClaimTemplates',
      claimTemplate,
    )
  })
}

/** The feature gate MaxUnavailableStatefulSet is on by default since. */
const MAX_UNAVAILABLE = 37

function statefulUpdate(given: JsonObject, minor: number): JsonObject {
  const named = isUnset(given, 'type') ? filled(given, { type: 'RollingUpdate', rollingUpdate: {} }) : given
  const more = minor >= MAX_UNAVAILABLE && field(named, 'type') === 'RollingUpdate' ? { maxUnavailable: 1 } : {}
  return inside(named, 'rollingUpdate', (update) => filled(update, { partition: 0, ...more }))
}

function claimTemplate(template: JsonObject): JsonObject {
  return set(set(persistentVolumeClaim(template), 'apiVersion', 'v1'), 'kind', 'PersistentVolumeClaim')
}
