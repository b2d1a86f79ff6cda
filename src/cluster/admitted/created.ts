import { at, field, type JsonObject, list, string } from '../json.ts'
import { DEFAULT_MINOR } from '../version.ts'
import { appArmorOfAnnotations } from './created/app-armor.ts'
import { without, withoutGatedFields } from './created/gated-fields.ts'
import { labelKeysApplied } from './created/label-keys.ts'
import { each, inside, set } from './fill.ts'
import { nearestMinor, schemaOf } from './schema.ts'

/**
 * An admitted object as validating admission sees it when it is created, which is after the strategy of its kind has
 * prepared it (pkg/registry/<group>/<resource>/strategy.go, pkg/api/pod/util.go): `generation`, fields whose feature
 * gate is off by default are gone, AppArmor annotations are fields. Hence `hostUsers` is seen from 1.33 on only.
 *
 * Not modelled: the new status; addresses and ports of a Service; selector and labels of a Job, which hold its uid;
 * image volumes before 1.35, which go with their mounts; data sources of a claim; gates that a cluster sets itself.
 * Takes the body of `asAdmitted`. Nothing is changed in place; asked of its own result, the answer is the same.
 */
export function asCreated(body: JsonObject, minor = DEFAULT_MINOR): JsonObject {
  const kind = string(field(body, 'kind')) ?? ''
  const [version = '', group = ''] = (string(field(body, 'apiVersion')) ?? '').split('/').reverse()
  const release = nearestMinor(minor)
  const prepared = PREPARED.get(`${group}/${kind}`)?.(body, release) ?? body
  const isCustom = schemaOf(group, version, kind, minor) === undefined
  if (!isCustom && !isCounted(`${group}/${kind}`, release)) return prepared
  return inside(prepared, 'metadata', (metadata) => set(metadata, 'generation', 1))
}

/** Built-in kinds with a count of their generations; custom ones have it all. */
const COUNTED: ReadonlySet<string> = new Set([
  ...['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'].map((kind) => `apps/${kind}`),
  ...['CronJob', 'Job'].map((kind) => `batch/${kind}`),
  ...['Pod', 'PodTemplate', 'ReplicationController'].map((kind) => `/${kind}`),
  ...['Ingress', 'IngressClass', 'NetworkPolicy'].map((kind) => `networking.k8s.io/${kind}`),
  'policy/PodDisruptionBudget',
  'scheduling.k8s.io/PriorityClass',
  'discovery.k8s.io/EndpointSlice',
  'apiextensions.k8s.io/CustomResourceDefinition',
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'ValidatingAdmissionPolicy'].map(
    (kind) => `admissionregistration.k8s.io/${kind}`,
  ),
  ...['ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'].map(
    (kind) => `admissionregistration.k8s.io/${kind}`,
  ),
])

function isCounted(kind: string, minor: number): boolean {
  return COUNTED.has(kind) && (kind !== '/Pod' || minor >= POD_GENERATION)
}

const POD_GENERATION = 33

type Prepare = (object: JsonObject, minor: number) => JsonObject

const template =
  (...path: readonly string[]): Prepare =>
  (object, minor) =>
    inPath(object, path, (pod) => inside(pod, 'spec', (spec) => withoutGatedFields(spec, minor)))

const PREPARED: ReadonlyMap<string, Prepare> = new Map<string, Prepare>([
  ['/Pod', (pod, minor) => appArmorOfAnnotations(labelKeysApplied(template()(pod, minor), minor), minor)],
  ['/PodTemplate', template('template')],
  ['/ReplicationController', template('spec', 'template')],
  ['apps/Deployment', template('spec', 'template')],
  ['apps/ReplicaSet', template('spec', 'template')],
  ['apps/DaemonSet', (set, minor) => firstGeneration(template('spec', 'template')(set, minor))],
  ['apps/StatefulSet', statefulSet],
  ['batch/Job', template('spec', 'template')],
  ['batch/CronJob', template('spec', 'jobTemplate', 'spec', 'template')],
  ['/Namespace', withFinalizer],
  ['/ServiceAccount', (account) => each(account, 'secrets', nameOnly)],
  ['/Service', (service, minor) => (minor < 31 ? without(service, ['spec', 'trafficDistribution']) : service)],
])

function inPath(object: JsonObject, path: readonly string[], change: (inner: JsonObject) => JsonObject): JsonObject {
  const [first, ...rest] = path
  return first === undefined ? change(object) : inside(object, first, (inner) => inPath(inner, rest, change))
}

const GENERATION = 'deprecated.daemonset.template.generation'

function firstGeneration(daemonSet: JsonObject): JsonObject {
  const written = Number(at(daemonSet, 'metadata', 'annotations', GENERATION))
  if (written >= 1) return daemonSet
  return inPath(daemonSet, ['metadata', 'annotations'], (annotations) => set(annotations, GENERATION, '1'))
}

function statefulSet(given: JsonObject, minor: number): JsonObject {
  const prepared = template('spec', 'template')(given, minor)
  return minor > 36 ? prepared : without(prepared, ['spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable'])
}

function withFinalizer(namespace: JsonObject): JsonObject {
  return inside(namespace, 'spec', (spec) => {
    const finalizers = list(field(spec, 'finalizers'))
    return finalizers.includes('kubernetes') ? spec : set(spec, 'finalizers', [...finalizers, 'kubernetes'])
  })
}

function nameOnly(reference: JsonObject): JsonObject {
  const name = field(reference, 'name')
  return name === undefined ? {} : { name }
}
