import { field, type JsonObject } from '../../json.ts'
import { each, inside, set } from '../fill.ts'

/** pkg/apis/rbac/v1/defaults.go. */

const GROUP = 'rbac.authorization.k8s.io'

export function binding(given: JsonObject): JsonObject {
  return each(inside(given, 'roleRef', withGroup), 'subjects', (subject) => {
    const kind = field(subject, 'kind')
    return kind === 'User' || kind === 'Group' ? withGroup(subject) : subject
  })
}

/** A role reference always has the field, so that an empty one is to be filled too. */
function withGroup(reference: JsonObject): JsonObject {
  return field(reference, 'apiGroup') ? reference : set(reference, 'apiGroup', GROUP)
}
