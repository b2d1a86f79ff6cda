import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Json, number, type Path, string } from '../../../cluster/json.ts'
import { currentGroup, typeName } from '../../../cluster/kinds.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'

/** Something that sets how many replicas another object has. */
export interface Scaler {
  readonly object: KubeObject
  /** The id of what it scales. */
  readonly target: string
  readonly min: number
  readonly max: number
  /** `max` is its controller's default: nobody has written it. */
  readonly byDefault: boolean
  readonly current: number | undefined
  /** Whether it scales by what clients do: CPU, requests, a queue. Undefined where it does not say by what. */
  readonly by: string | undefined
  readonly because: Because
}

interface Form {
  readonly kind: string
  readonly group: string
  readonly target: Path
  readonly max: Path
  readonly min: Path
  readonly defaults: { readonly min: number; readonly max: number | undefined }
}

/** KEDA: pkg/apis/keda/v1alpha1 (ScaledObject), 100 in pkg/scaling/executor; the HTTP add-on has the same default. */
const FORMS: readonly Form[] = [
  {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    target: ['spec', 'scaleTargetRef'],
    max: ['spec', 'maxReplicas'],
    min: ['spec', 'minReplicas'],
    defaults: { min: 1, max: undefined },
  },
  {
    kind: 'ScaledObject',
    group: 'keda.sh',
    target: ['spec', 'scaleTargetRef'],
    max: ['spec', 'maxReplicaCount'],
    min: ['spec', 'minReplicaCount'],
    defaults: { min: 0, max: 100 },
  },
  {
    kind: 'HTTPScaledObject',
    group: 'http.keda.sh',
    target: ['spec', 'scaleTargetRef'],
    max: ['spec', 'replicas', 'max'],
    min: ['spec', 'replicas', 'min'],
    defaults: { min: 0, max: 100 },
  },
  {
    kind: 'WatermarkPodAutoscaler',
    group: 'datadoghq.com',
    target: ['spec', 'scaleTargetRef'],
    max: ['spec', 'maxReplicas'],
    min: ['spec', 'minReplicas'],
    defaults: { min: 1, max: undefined },
  },
  {
    kind: 'MultidimPodAutoscaler',
    group: 'autoscaling.gke.io',
    target: ['spec', 'scaleTargetRef'],
    max: ['spec', 'constraints', 'global', 'maxReplicas'],
    min: ['spec', 'constraints', 'global', 'minReplicas'],
    defaults: { min: 1, max: undefined },
  },
]

const known = new WeakMap<Cluster, ReadonlyMap<string, readonly Scaler[]>>()

/** By the id of what they scale; made once for a cluster. */
export function scalersOf(cluster: Cluster): ReadonlyMap<string, readonly Scaler[]> {
  const found = known.get(cluster) ?? Map.groupBy(all(cluster), ({ target }) => target)
  known.set(cluster, found)
  return found
}

function all(cluster: Cluster): readonly Scaler[] {
  return FORMS.flatMap((form) => cluster.ofKind(form.kind, form.group).map((object) => decode(form, object)))
}

function decode(form: Form, object: KubeObject): Scaler {
  const { body, namespace } = object
  const reference = at(body, ...form.target)
  const kind = string(at(reference, 'kind')) || 'Deployment'
  const apiVersion = string(at(reference, 'apiVersion')) ?? (kind === 'Deployment' ? 'apps/v1' : '')
  const slash = apiVersion.lastIndexOf('/')
  const group = currentGroup(slash < 0 ? '' : apiVersion.slice(0, slash), kind)
  const target = idOf(typeName(group, kind), namespace, string(at(reference, 'name')) ?? '')
  const paused = form.group === 'keda.sh' ? pausedAt(object) : undefined
  if (paused) return { object, target, ...paused, byDefault: false, current: undefined, by: undefined }
  const written = counted(at(body, ...form.max))
  const max = written ?? form.defaults.max ?? Number.POSITIVE_INFINITY
  const min = counted(at(body, ...form.min)) ?? form.defaults.min
  const current = counted(at(body, 'status', 'currentReplicas'))
  const name = `${object.kind} ${object.name}`
  return {
    object,
    target,
    min: Math.min(min, max),
    max,
    byDefault: written === undefined && form.defaults.max !== undefined,
    current,
    by: triggersOf(object),
    because:
      written === undefined
        ? because(
            form.defaults.max === undefined
              ? `${name} says no maximum`
              : `${name} says no maximum: the default is ${max}`,
            object,
            ['spec'],
          )
        : because(`${name} scales it to at most ${max}`, object, form.max),
  }
}

const PAUSED = 'autoscaling.keda.sh/paused'
const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas'

/** KEDA holds the count while one of these annotations stands; without a count, at what it is. */
function pausedAt(object: KubeObject): Pick<Scaler, 'min' | 'max' | 'because'> | undefined {
  const annotations = annotationsOf(object.body)
  const replicas = annotations.get(PAUSED_REPLICAS)
  const text = `${object.kind} ${object.name} is paused`
  if (replicas !== undefined && /^\d{1,9}$/.test(replicas)) {
    const count = Number(replicas)
    return {
      min: count,
      max: count,
      because: because(`${text} at ${count}`, object, ['metadata', 'annotations', PAUSED_REPLICAS]),
    }
  }
  if (annotations.get(PAUSED) !== 'true') return undefined
  return { min: 0, max: 0, because: because(text, object, ['metadata', 'annotations', PAUSED]) }
}

/** What makes it scale, in words: `cpu`, `prometheus`, `external queue_depth`. */
function triggersOf({ body }: KubeObject): string | undefined {
  const names = new Set<string>()
  const lists: readonly (readonly [Json | undefined, (each: Json) => string])[] = [
    [at(body, 'spec', 'metrics'), metricName],
    [at(body, 'spec', 'triggers'), (each) => string(at(each, 'type')) ?? ''],
  ]
  for (const [metrics, nameOf] of lists)
    if (Array.isArray(metrics)) for (const each of (metrics as readonly Json[]).slice(0, 20)) names.add(nameOf(each))
  if (number(at(body, 'spec', 'targetCPUUtilizationPercentage')) !== undefined) names.add('cpu')
  if (at(body, 'spec', 'scalingMetric') !== undefined || at(body, 'spec', 'targetPendingRequests') !== undefined)
    names.add('requests')
  names.delete('')
  return names.size === 0 ? undefined : [...names].slice(0, 4).join(', ')
}

function metricName(metric: Json): string {
  const type = string(at(metric, 'type')) ?? ''
  if (type === 'Resource') return string(at(metric, 'resource', 'name')) ?? 'resource'
  if (type === 'ContainerResource') return string(at(metric, 'containerResource', 'name')) ?? 'resource'
  for (const key of ['pods', 'object', 'external'])
    if (type.toLowerCase() === key) return string(at(metric, key, 'metric', 'name')) ?? key
  return type.toLowerCase()
}

/** A count of pods: whole, not negative, of 32 bits, as the API server would take it. */
export function counted(value: Json | undefined): number | undefined {
  const count = number(value)
  return count !== undefined && Number.isInteger(count) && count >= 0 && count <= 2 ** 31 - 1 ? count : undefined
}
