import { at, field, type JsonObject, object } from '../../json.ts'
import { filled, inside, set } from '../fill.ts'
import { withoutAnnotations } from './core.ts'

/** pkg/apis/autoscaling/v2/defaults.go, v1/defaults.go and conversion.go. */

const CPU: JsonObject = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}
const UP: JsonObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}
const DOWN: JsonObject = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }

export function autoscaler(given: JsonObject): JsonObject {
  const scaled = inside(given, 'spec', (spec) =>
    inside(filled(spec, { minReplicas: 1, metrics: [CPU] }), 'behavior', (behavior) =>
      rules(rules(behavior, 'scaleUp', UP), 'scaleDown', DOWN),
    ),
  )
  return withoutAnnotations(scaled, (name) => OF_OTHER_VERSIONS.has(name))
}

/** An empty list of policies, which the server refuses, is filled as an absent one. */
function rules(behavior: JsonObject, key: string, defaults: JsonObject): JsonObject {
  return set(behavior, key, filled(object(field(behavior, key)), defaults))
}

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics'

/** Annotations in which version 1 keeps what only version 2 has fields for. */
const OF_OTHER_VERSIONS: ReadonlySet<string> = new Set(
  ['metrics', 'current-metrics', 'conditions', 'behavior', 'scale-down-tolerance', 'scale-up-tolerance'].map(
    (name) => `autoscaling.alpha.kubernetes.io/${name}`,
  ),
)

export function autoscalerV1(given: JsonObject): JsonObject {
  const annotations = object(at(given, 'metadata', 'annotations'))
  const scaled = inside(given, 'spec', (spec) =>
    filled(spec, {
      minReplicas: 1,
      ...(Object.hasOwn(annotations, METRICS) ? {} : { targetCPUUtilizationPercentage: 80 }),
    }),
  )
  const used = at(given, 'status', 'currentCPUUtilizationPercentage')
  if (typeof used !== 'number' || Object.hasOwn(annotations, CURRENT)) return scaled
  const current = [
    { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: used, currentAverageValue: '0' } },
  ]
  return inside(scaled, 'metadata', (metadata) =>
    set(metadata, 'annotations', set(annotations, CURRENT, JSON.stringify(current))),
  )
}
