import { at, field, isObject, type Json, type JsonObject, list } from '../../json.ts'
import { each, entries, filled, inside, isUnset, set } from '../fill.ts'
import { podTemplate } from './pod.ts'
import { roundedAmounts, withMissing } from './resources.ts'
import { claimSpec, volumeSource } from './volume.ts'

/** The core group but for pods: pkg/apis/core/v1/defaults.go, zz_generated.defaults.go and conversion.go. */

export function replicationController(given: JsonObject, minor: number): JsonObject {
  const labels = at(given, 'spec', 'template', 'metadata', 'labels')
  let controller = inside(given, 'spec', (spec) =>
    isObject(labels) && field(spec, 'selector') === undefined ? { ...spec, selector: labels } : spec,
  )
  if (isObject(labels)) controller = inside(controller, 'metadata', (metadata) => filled(metadata, { labels }))
  return inside(controller, 'spec', (spec) =>
    inside(filled(spec, { replicas: 1 }), 'template', (template) => podTemplate(template, minor)),
  )
}

export function service(given: JsonObject, minor: number): JsonObject {
  const service = inside(given, 'spec', (spec) => serviceSpec(spec, minor))
  if (minor < IP_MODE || at(service, 'spec', 'type') !== 'LoadBalancer') return service
  return inside(service, 'status', (status) =>
    inside(status, 'loadBalancer', (balancer) =>
      each(balancer, 'ingress', (ingress) => (isUnset(ingress, 'ip') ? ingress : filled(ingress, { ipMode: 'VIP' }))),
    ),
  )
}

/** The feature gate LoadBalancerIPMode is on by default since. */
const IP_MODE = 30

function serviceSpec(given: JsonObject, minor: number): JsonObject {
  let spec = filled(given, { sessionAffinity: 'None', type: 'ClusterIP' })
  const affinity = field(spec, 'sessionAffinity')
  if (affinity === 'None') spec = set(spec, 'sessionAffinityConfig', undefined)
  if (affinity === 'ClientIP' && at(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds') === undefined) {
    spec = set(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds: 10_800 } })
  }
  spec = each(spec, 'ports', servicePort)
  const type = field(spec, 'type')
  const balanced = type === 'LoadBalancer'
  const outside = balanced || type === 'NodePort'
  if (outside || (minor > 28 && type === 'ClusterIP' && list(field(spec, 'externalIPs')).length > 0)) {
    spec = filled(spec, { externalTrafficPolicy: 'Cluster' })
  }
  if (outside || type === 'ClusterIP') spec = filled(spec, { internalTrafficPolicy: 'Cluster' })
  return balanced ? filled(spec, { allocateLoadBalancerNodePorts: true }) : spec
}

function servicePort(given: JsonObject): JsonObject {
  const port = filled(given, { protocol: 'TCP' })
  const target = field(port, 'targetPort')
  return target === 0 || target === '' ? set(port, 'targetPort', field(port, 'port')) : port
}

/** What is written in `stringData` overwrites `data`, and is not kept itself. */
export function secret(given: JsonObject): JsonObject {
  const secret = filled(given, { type: 'Opaque' })
  const texts = field(secret, 'stringData')
  if (!isObject(texts)) return secret
  const added = new Map(Object.entries(texts).map(([key, text]) => [key, base64(text)] as const))
  const data = field(secret, 'data')
  const kept = isObject(data) ? Object.entries(data).filter(([key]) => !added.has(key)) : []
  return set(set(secret, 'stringData', undefined), 'data', Object.fromEntries([...kept, ...added]))
}

const base64 = (text: Json): Json => (typeof text === 'string' ? Buffer.from(text).toString('base64') : text)

export function persistentVolume(given: JsonObject): JsonObject {
  const volume = inside(given, 'status', (status) => filled(status, { phase: 'Pending' }))
  return inside(volume, 'spec', (spec) => {
    const whole = filled(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })
    return volumeSource(roundedAmounts(whole, 'capacity'))
  })
}

export function persistentVolumeClaim(given: JsonObject): JsonObject {
  const claim = inside(given, 'status', (status) =>
    roundedAmounts(roundedAmounts(filled(status, { phase: 'Pending' }), 'capacity'), 'allocatedResources'),
  )
  return inside(claim, 'spec', claimSpec)
}

const NAME_LABEL = 'kubernetes.io/metadata.name'

export function namespace(given: JsonObject): JsonObject {
  const named = inside(given, 'metadata', (metadata) => {
    const name = field(metadata, 'name')
    if (typeof name !== 'string' || name === '') return metadata
    const labels = field(metadata, 'labels')
    return set(metadata, 'labels', set(isObject(labels) ? labels : {}, NAME_LABEL, name))
  })
  return inside(named, 'status', (status) => filled(status, { phase: 'Active' }))
}

export function node(given: JsonObject): JsonObject {
  const sized = inside(given, 'status', (status) => {
    const capacity = field(status, 'capacity')
    const whole =
      isObject(capacity) && field(status, 'allocatable') === undefined ? { ...status, allocatable: capacity } : status
    return roundedAmounts(roundedAmounts(whole, 'capacity'), 'allocatable')
  })
  return inside(sized, 'spec', sameRanges)
}

/** `podCIDR` is the first of `podCIDRs`; where they differ, `podCIDR` counts. */
function sameRanges(spec: JsonObject): JsonObject {
  const range = field(spec, 'podCIDR')
  const [first] = list(field(spec, 'podCIDRs'))
  if (typeof range === 'string' && first !== range) return set(spec, 'podCIDRs', [range])
  return typeof first === 'string' && first !== '' ? set(spec, 'podCIDR', first) : spec
}

export function resourceQuota(given: JsonObject): JsonObject {
  const quota = inside(given, 'spec', (spec) => roundedAmounts(spec, 'hard'))
  return inside(quota, 'status', (status) => roundedAmounts(roundedAmounts(status, 'hard'), 'used'))
}

const LIMITS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']

export function limitRange(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) =>
    each(spec, 'limits', (limit) => {
      const item = field(limit, 'type') === 'Container' ? containerLimits(limit) : limit
      return LIMITS.reduce(roundedAmounts, item)
    }),
  )
}

/** The maximum is the default; that, then the minimum, is the default request. */
function containerLimits(given: JsonObject): JsonObject {
  const [max, min] = [field(given, 'max'), field(given, 'min')]
  let item = isObject(max) ? setUnlessEmpty(given, 'default', withMissing(field(given, 'default'), max)) : given
  const limit = field(item, 'default')
  if (isObject(limit)) item = setUnlessEmpty(item, 'defaultRequest', withMissing(field(item, 'defaultRequest'), limit))
  return isObject(min) ? setUnlessEmpty(item, 'defaultRequest', withMissing(field(item, 'defaultRequest'), min)) : item
}

const setUnlessEmpty = (object: JsonObject, key: string, map: JsonObject): JsonObject =>
  Object.keys(map).length === 0 ? object : set(object, key, map)

export function endpoints(given: JsonObject): JsonObject {
  return each(given, 'subsets', (subset) => each(subset, 'ports', (port) => filled(port, { protocol: 'TCP' })))
}

/** The object's annotations without those that `dropped` names. */
export function withoutAnnotations(object: JsonObject, dropped: (name: string) => boolean): JsonObject {
  return inside(object, 'metadata', (metadata) => {
    const kept = entries(metadata, 'annotations', (value, name) => (dropped(name) ? undefined : value))
    const left = field(kept, 'annotations')
    return isObject(left) && Object.keys(left).length === 0 ? set(kept, 'annotations', undefined) : kept
  })
}
