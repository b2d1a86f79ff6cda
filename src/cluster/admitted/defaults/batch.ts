import { at, field, isObject, type JsonObject } from '../../json.ts'
import { each, filled, inside, set } from '../fill.ts'
import { podTemplate } from './pod.ts'

/** pkg/apis/batch/v1/defaults.go. */

export function job(given: JsonObject, minor: number): JsonObject {
  const labels = at(given, 'spec', 'template', 'metadata', 'labels')
  const labelled = isObject(labels) ? inside(given, 'metadata', (metadata) => filled(metadata, { labels })) : given
  return inside(labelled, 'spec', (spec) => jobSpec(conditionPatterns(filledJob(spec, minor)), minor))
}

const MANUAL_SELECTOR = 29

function filledJob(given: JsonObject, minor: number): JsonObject {
  const has = (key: string): boolean => field(given, key) !== undefined
  const spec = has('completions') || has('parallelism') ? given : { ...given, completions: 1 }
  return filled(spec, {
    parallelism: 1,
    backoffLimit: has('backoffLimitPerIndex') ? 2 ** 31 - 1 : 6,
    completionMode: 'NonIndexed',
    suspend: false,
    ...(minor > 28 ? { podReplacementPolicy: has('podFailurePolicy') ? 'Failed' : 'TerminatingOrFailed' } : {}),
    ...(minor >= MANUAL_SELECTOR ? { manualSelector: false } : {}),
  })
}

function jobSpec(given: JsonObject, minor: number): JsonObject {
  return inside(given, 'template', (template) => podTemplate(template, minor))
}

/** A pattern is for a condition that is true; before 1.34, that of a CronJob's job says so only once the job exists. */
function conditionPatterns(given: JsonObject): JsonObject {
  return inside(given, 'podFailurePolicy', (policy) =>
    each(policy, 'rules', (rule) =>
      each(rule, 'onPodConditions', (pattern) =>
        field(pattern, 'status') === '' ? set(pattern, 'status', 'True') : pattern,
      ),
    ),
  )
}

export function cronJob(given: JsonObject, minor: number): JsonObject {
  return inside(given, 'spec', (spec) => {
    const whole = filled(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    return inside(whole, 'jobTemplate', (template) =>
      inside(template, 'spec', (one) => jobSpec(minor < 34 ? one : conditionPatterns(one), minor)),
    )
  })
}
