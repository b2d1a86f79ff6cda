import { field, type JsonObject } from '../../json.ts'
import { filled, inside, set } from '../fill.ts'

/** pkg/apis/flowcontrol/v1/defaults.go. */

export function flowSchema(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) =>
    field(spec, 'matchingPrecedence') === 0 ? set(spec, 'matchingPrecedence', 1000) : spec,
  )
}

export function priorityLevel(given: JsonObject): JsonObject {
  return inside(given, 'spec', (spec) => {
    const exempt = inside(spec, 'exempt', (one) => filled(one, { nominalConcurrencyShares: 0, lendablePercent: 0 }))
    return inside(exempt, 'limited', (limited) =>
      inside(filled(limited, { nominalConcurrencyShares: 30, lendablePercent: 0 }), 'limitResponse', (response) =>
        inside(response, 'queuing', queuing),
      ),
    )
  })
}

const QUEUING = { handSize: 8, queues: 64, queueLengthLimit: 50 }

function queuing(given: JsonObject): JsonObject {
  return Object.entries(QUEUING).reduce<JsonObject>(
    (made, [key, value]) => (field(made, key) === 0 || field(made, key) === undefined ? set(made, key, value) : made),
    given,
  )
}
