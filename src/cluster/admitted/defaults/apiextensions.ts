import { field, type JsonObject, list, object, string } from '../../json.ts'
import { filled, inside, isUnset, set } from '../fill.ts'
import { servicePort } from './admissionregistration.ts'

/** apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go and conversion.go. */
export function customResourceDefinition(given: JsonObject): JsonObject {
  const definition = inside(given, 'spec', (spec) => {
    const whole = inside(filled(spec, { conversion: { strategy: 'None' } }), 'names', named)
    return inside(whole, 'conversion', (conversion) => {
      const webhook = field(conversion, 'webhook')
      const says =
        !isUnset(conversion, 'webhook') &&
        !(isUnset(object(webhook), 'clientConfig') && isUnset(object(webhook), 'conversionReviewVersions'))
      if (!says) return set(conversion, 'webhook', undefined)
      return inside(conversion, 'webhook', (hook) => inside(hook, 'clientConfig', servicePort))
    })
  })
  const stored = list(field(field(definition, 'spec'), 'versions')).find(
    (version) => field(version, 'storage') === true,
  )
  return inside(definition, 'status', (status) => {
    if (stored === undefined || list(field(status, 'storedVersions')).length > 0) return status
    return set(status, 'storedVersions', [field(stored, 'name') ?? ''])
  })
}

function named(names: JsonObject): JsonObject {
  const kind = string(field(names, 'kind')) ?? ''
  return kind === '' ? names : filled(names, { singular: kind.toLowerCase(), listKind: `${kind}List` })
}
