import type { Because } from '../cluster/because.ts'
import type { Path } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Check, Offence, Verdict } from './check.ts'

const NOWHERE: readonly Offence[] = []
const NO_REASONS: readonly Because[] = []

export function passed(check: Check, object: KubeObject): Verdict {
  return { check, object, result: 'pass', message: '', because: NO_REASONS, at: NOWHERE }
}

/** `paths`: where the faults stand in the object, the first one first. */
export function failed(
  check: Check,
  object: KubeObject,
  message: string,
  because: readonly Because[],
  ...paths: readonly Path[]
): Verdict {
  return { check, object, result: 'fail', message, because, at: paths.map((path) => ({ path })) }
}

/** The input does not tell; `message` says what is missing. */
export function undecided(
  check: Check,
  object: KubeObject,
  message: string,
  because: readonly Because[],
  ...paths: readonly Path[]
): Verdict {
  return { check, object, result: 'unknown', message, because, at: paths.map((path) => ({ path })) }
}

const MOST_NAMED = 3

/** `a, b and c`; of many the first ones and how many more. */
export function namesText(names: readonly string[]): string {
  const distinct = [...new Set(names)]
  if (distinct.length > MOST_NAMED)
    return `${distinct.slice(0, MOST_NAMED).join(', ')} and ${distinct.length - MOST_NAMED} more`
  return distinct.length < 2 ? distinct.join('') : `${distinct.slice(0, -1).join(', ')} and ${distinct.at(-1)}`
}
