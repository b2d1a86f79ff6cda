import { field, type JsonObject, list } from '../../json.ts'
import { each, filled, inside } from '../fill.ts'

/** pkg/apis/networking/v1/defaults.go and discovery/v1/defaults.go. */

export function networkPolicy(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) => {
    const egress = list(field(spec, 'egress')).length > 0
    const whole = filled(spec, { policyTypes: egress ? ['Ingress', 'Egress'] : ['Ingress'] })
    return each(each(whole, 'ingress', rule), 'egress', rule)
  })
}

function rule(given: JsonObject): JsonObject {
  return each(given, 'ports', (port) => filled(port, { protocol: 'TCP' }))
}

export function ingressClass(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) =>
    inside(spec, 'parameters', (reference) => filled(reference, { scope: 'Cluster' })),
  )
}

export function endpointSlice(given: JsonObject): JsonObject {
  return each(given, 'ports', (port) => filled(port, { name: '', protocol: 'TCP' }))
}
