import type { JsonObject } from '../../json.ts'
import { each, filled, inside } from '../fill.ts'

/** pkg/apis/admissionregistration/v1/defaults.go. */

const MATCH: JsonObject = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} }
const WEBHOOK: JsonObject = { ...MATCH, failurePolicy: 'Fail', timeoutSeconds: 10 }

export function validatingWebhooks(given: JsonObject): JsonObject {
  return each(given, 'webhooks', (hook) => webhook(hook, WEBHOOK))
}

export function mutatingWebhooks(given: JsonObject): JsonObject {
  return each(given, 'webhooks', (hook) => webhook(hook, { ...WEBHOOK, reinvocationPolicy: 'Never' }))
}

function webhook(given: JsonObject, defaults: JsonObject): JsonObject {
  const hook = inside(filled(given, defaults), 'clientConfig', servicePort)
  return each(hook, 'rules', rule)
}

/** Of the configuration of a client: the service that it calls. */
export function servicePort(config: JsonObject): JsonObject {
  return inside(config, 'service', (service) => filled(service, { port: 443 }))
}

const rule = (given: JsonObject): JsonObject => filled(given, { scope: '*' })

export function policy(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) => inside(filled(spec, { failurePolicy: 'Fail' }), 'matchConstraints', matched))
}

export function policyBinding(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) => inside(spec, 'matchResources', matched))
}

function matched(given: JsonObject): JsonObject {
  return each(each(filled(given, MATCH), 'resourceRules', rule), 'excludeResourceRules', rule)
}
