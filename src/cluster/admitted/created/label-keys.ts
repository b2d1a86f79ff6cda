import { at, field, isObject, type Json, type JsonObject, list } from '../../json.ts'
import { each, inside, set } from '../fill.ts'
import { PREFERRED, REQUIRED } from './gated-fields.ts'

/**
 * `matchLabelKeys` and `mismatchLabelKeys` of a Pod become expressions of the selectors beside them, with the values of
 * its labels: mutatePodAffinity and mutateTopologySpreadConstraints in pkg/registry/core/pod/strategy.go.
 */
export function labelKeysApplied(pod: JsonObject, minor: number): JsonObject {
  const labels = at(pod, 'metadata', 'labels')
  if (!isObject(labels) || minor < AFFINITY) return pod
  const applied = (term: JsonObject): JsonObject =>
    withExpressions(withExpressions(term, 'matchLabelKeys', 'In', labels), 'mismatchLabelKeys', 'NotIn', labels)
  return inside(pod, 'spec', (given) => {
    const spec = inside(given, 'affinity', (affinity) =>
      ['podAffinity', 'podAntiAffinity'].reduce(
        (made, key) =>
          inside(made, key, (terms) =>
            each(each(terms, REQUIRED, applied), PREFERRED, (weighted) => inside(weighted, 'podAffinityTerm', applied)),
          ),
        affinity,
      ),
    )
    return minor < SPREAD ? spec : each(spec, 'topologySpreadConstraints', applied)
  })
}

/** Since when the feature gates MatchLabelKeysInPodAffinity and ...InPodTopologySpreadSelectorMerge are on. */
const AFFINITY = 31
const SPREAD = 34

function withExpressions(term: JsonObject, keys: string, operator: string, labels: JsonObject): JsonObject {
  const added = list(field(term, keys)).flatMap((key) => {
    const value = typeof key === 'string' ? field(labels, key) : undefined
    return value === undefined ? [] : [{ key: key as string, operator, values: [value] }]
  })
  return inside(term, 'labelSelector', (selector) => {
    const present = list(field(selector, 'matchExpressions'))
    const missing = added.filter((one) => !present.some((other) => isSame(one, other)))
    return missing.length === 0 ? selector : set(selector, 'matchExpressions', [...present, ...missing])
  })
}

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values: readonly Json[]
}

function isSame(one: Expression, other: Json): boolean {
  const values = list(field(other, 'values'))
  return (
    field(other, 'key') === one.key &&
    field(other, 'operator') === one.operator &&
    values.length === 1 &&
    values[0] === one.values[0]
  )
}
