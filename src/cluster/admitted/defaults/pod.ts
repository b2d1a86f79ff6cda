import { at, field, isObject, type JsonObject, list } from '../../json.ts'
import { type Change, each, type FieldChange, type Fill, filled, inside, items, member, set, shaped } from '../fill.ts'
import { isLatest } from '../image.ts'
import { podLevelResources } from './pod-resources.ts'
import { amounts, requestsFromLimits, resources, roundedAmounts, roundedResources } from './resources.ts'
import { fieldReference, volume } from './volume.ts'

/**
 * Pods and pod templates: pkg/apis/core/v1/defaults.go in the order of zz_generated.defaults.go, then what the way
 * through the internal version changes (pkg/apis/core/v1/conversion.go).
 */

export function pod(object: JsonObject, minor: number): JsonObject {
  const own = inside(withoutInitContainerAnnotations(object, minor), 'spec', (given) => {
    let spec = each(each(given, 'containers', requestsFromLimits), 'initContainers', requestsFromLimits)
    if (minor >= POD_LEVEL_RESOURCES) spec = podLevelResources(spec)
    spec = filled(spec, { enableServiceLinks: true })
    if (field(spec, 'hostNetwork') === true) {
      spec = each(each(spec, 'containers', hostPorts), 'initContainers', hostPorts)
    }
    const grace = field(spec, 'terminationGracePeriodSeconds')
    if (typeof grace === 'number' && grace < 0) spec = set(spec, 'terminationGracePeriodSeconds', 1)
    return podSpec(spec, minor)
  })
  return inside(own, 'status', podStatus)
}

export function podTemplate(template: JsonObject, minor: number): JsonObject {
  return inside(withoutInitContainerAnnotations(template, minor), 'spec', (spec) => podSpec(spec, minor))
}

/** Filled before 1.37 by the defaults, since then when a Pod is created; both is before admission. */
const POD_LEVEL_RESOURCES = 34

const POD_SPEC: JsonObject = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
}

function podSpec(given: JsonObject, minor: number): JsonObject {
  const spec = shaped(given, POD_SPEC, podFields(minor))
  // The deprecated name follows the other, and stands in for it.
  const account = field(spec, 'serviceAccountName') ?? field(spec, 'serviceAccount')
  return account === undefined ? spec : set(set(spec, 'serviceAccountName', account), 'serviceAccount', account)
}

const byMinor = new Map<number, readonly FieldChange[]>()

function podFields(minor: number): readonly FieldChange[] {
  const fields = byMinor.get(minor) ?? [
    { key: 'volumes', change: items((one) => volume(one, minor)) },
    { key: 'initContainers', change: CONTAINERS },
    { key: 'containers', change: CONTAINERS },
    { key: 'ephemeralContainers', change: CONTAINERS },
    { key: 'overhead', change: member(amounts) },
    { key: 'resources', change: member(resources) },
  ]
  byMinor.set(minor, fields)
  return fields
}

const PROBE: JsonObject = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }

const get: Fill = (given) => filled(given, { path: '/', scheme: 'HTTP' })
const PORT: JsonObject = { protocol: 'TCP' }
const handler: Fill = (given) => inside(given, 'httpGet', get)
const PROBE_FIELDS: readonly FieldChange[] = [
  { key: 'httpGet', change: member(get) },
  { key: 'grpc', change: member((grpc) => filled(grpc, { service: '' })) },
]
const probe: Change = member((given) => shaped(given, PROBE, PROBE_FIELDS))
const variable: Fill = (given) =>
  inside(given, 'valueFrom', (source) =>
    inside(inside(source, 'fieldRef', fieldReference), 'fileKeyRef', (file) => filled(file, { optional: false })),
  )

const CONTAINER_FIELDS: readonly FieldChange[] = [
  { key: 'ports', change: items((port) => filled(port, PORT)) },
  { key: 'env', change: items(variable) },
  { key: 'resources', change: member(resources) },
  { key: 'livenessProbe', change: probe },
  { key: 'readinessProbe', change: probe },
  { key: 'startupProbe', change: probe },
  {
    key: 'lifecycle',
    change: member((lifecycle) => inside(inside(lifecycle, 'postStart', handler), 'preStop', handler)),
  },
]
const CONTAINER: JsonObject = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }
const CONTAINER_OF_LATEST: JsonObject = { ...CONTAINER, imagePullPolicy: 'Always' }
const CONTAINER_OF_OTHER: JsonObject = { ...CONTAINER, imagePullPolicy: 'IfNotPresent' }

const CONTAINERS: Change = items((given) => {
  const image = field(given, 'image')
  const latest = typeof image === 'string' && isLatest(image)
  return shaped(given, latest ? CONTAINER_OF_LATEST : CONTAINER_OF_OTHER, CONTAINER_FIELDS)
})

function hostPorts(container: JsonObject): JsonObject {
  return each(container, 'ports', (port) => {
    const number = field(port, 'containerPort')
    return number === 0 || number === undefined ? port : filled(port, { hostPort: number })
  })
}

const INIT_CONTAINER_ANNOTATIONS: ReadonlySet<string> = new Set(
  ['init-containers', 'init-container-statuses'].flatMap((name) => [
    `pod.beta.kubernetes.io/${name}`,
    `pod.alpha.kubernetes.io/${name}`,
  ]),
)

/** Up to 1.36. */
function withoutInitContainerAnnotations(object: JsonObject, minor: number): JsonObject {
  if (minor > 36) return object
  const annotations = at(object, 'metadata', 'annotations')
  if (!isObject(annotations)) return object
  const kept = Object.entries(annotations).filter(([key]) => !INIT_CONTAINER_ANNOTATIONS.has(key))
  if (kept.length === Object.keys(annotations).length) return object
  return inside(object, 'metadata', (metadata) =>
    set(metadata, 'annotations', kept.length === 0 ? undefined : Object.fromEntries(kept)),
  )
}

function podStatus(given: JsonObject): JsonObject {
  let status = given
  for (const key of ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']) {
    status = each(status, key, (one) => roundedResources(roundedAmounts(one, 'allocatedResources')))
  }
  status = roundedResources(roundedAmounts(status, 'allocatedResources'))
  return sameAddresses(status)
}

/** `podIP` is the first of `podIPs`; where they differ, `podIP` counts. */
function sameAddresses(status: JsonObject): JsonObject {
  const address = field(status, 'podIP')
  const addresses = list(field(status, 'podIPs'))
  const first = addresses.length === 0 ? undefined : field(addresses[0], 'ip')
  if (typeof address === 'string' && address !== '' && first !== address)
    return set(status, 'podIPs', [{ ip: address }])
  return typeof first === 'string' && first !== '' ? set(status, 'podIP', first) : status
}
