import { at, field, isObject, type Json, type JsonObject, list, object, string } from '../../json.ts'
import { each, inside, set } from '../fill.ts'
import { CONTAINERS } from './gated-fields.ts'

/** Annotations and fields of AppArmor say the same: applyAppArmorVersionSkew in pkg/registry/core/pod/strategy.go. */

/** Up to this release, fields are written as annotations too, for nodes that know no fields. */
const FIELDS_TO_ANNOTATIONS = 33
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'

export function appArmorOfAnnotations(pod: JsonObject, minor: number): JsonObject {
  if (minor < 30 || at(pod, 'spec', 'os', 'name') === 'windows') return pod
  const annotations = at(pod, 'metadata', 'annotations')
  const ofPod = at(pod, 'spec', 'securityContext', 'appArmorProfile')
  const profiled = (container: JsonObject): JsonObject => {
    const annotation = field(annotations, `${APP_ARMOR}${string(field(container, 'name')) ?? ''}`)
    if (annotation === undefined || at(container, 'securityContext', 'appArmorProfile') !== undefined) return container
    const profile = profileOf(annotation)
    if (!profile || isSame(profile, ofPod)) return container
    const context = field(container, 'securityContext')
    return set(container, 'securityContext', { ...(isObject(context) ? context : {}), appArmorProfile: profile })
  }
  const synced = inside(pod, 'spec', (spec) => CONTAINERS.reduce((made, key) => each(made, key, profiled), spec))
  return minor > FIELDS_TO_ANNOTATIONS ? synced : withAnnotations(synced, ofPod)
}

function withAnnotations(pod: JsonObject, ofPod: Json | undefined): JsonObject {
  const written = at(pod, 'metadata', 'annotations')
  const annotations = new Map(Object.entries(object(written)))
  const before = annotations.size
  for (const container of CONTAINERS.flatMap((key) => list(at(pod, 'spec', key)))) {
    const key = `${APP_ARMOR}${string(field(container, 'name')) ?? ''}`
    const annotation = annotationOf(at(container, 'securityContext', 'appArmorProfile') ?? ofPod)
    if (annotation !== undefined && !annotations.has(key)) annotations.set(key, annotation)
  }
  if (annotations.size === before) return pod
  return inside(pod, 'metadata', (metadata) => set(metadata, 'annotations', Object.fromEntries(annotations)))
}

function annotationOf(profile: Json | undefined): string | undefined {
  const local = string(field(profile, 'localhostProfile'))
  switch (field(profile, 'type')) {
    case 'Unconfined':
      return 'unconfined'
    case 'RuntimeDefault':
      return 'runtime/default'
    case 'Localhost':
      return local === undefined ? undefined : `localhost/${local}`
  }
  return undefined
}

function profileOf(annotation: Json): JsonObject | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const local = typeof annotation === 'string' && annotation.startsWith('localhost/') ? annotation.slice(10) : ''
  return local === '' || local !== local.trim() || Buffer.byteLength(local) > 4_095
    ? undefined
    : { type: 'Localhost', localhostProfile: local }
}

function isSame(profile: JsonObject, other: Json | undefined): boolean {
  return (
    field(profile, 'type') === field(other, 'type') &&
    field(profile, 'localhostProfile') === field(other, 'localhostProfile')
  )
}
