import { applyEdits, Impossible } from '../../cluster/edit/apply.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import type { Json, JsonObject } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Check } from '../../engines/check.ts'
import { type AdmissionRequest, beforeCreation } from '../../engines/policy/admission/request.ts'
import { PatchError } from '../../engines/policy/mutating/json-patch.ts'
import type { Mutator } from '../../engines/policy/mutating/mutate.ts'
import { editsOf } from './written.ts'

/** What is needed to mend objects. */
export interface Workshop {
  /** Of Kubernetes 1.N. */
  readonly minor: number
  request(object: KubeObject): AdmissionRequest
  /** What the policies say of an object that does not pass, in one order. */
  judge(object: KubeObject): readonly Fault[]
  /** The mutation that fixes a check, alone. */
  fixOf(check: string): Mutator | undefined
}

export interface Fault {
  readonly check: Check
  readonly result: 'fail' | 'unknown'
  readonly message: string
}

/** The fix of one check in one object, of the object as the ones before left it. */
export interface Mended {
  readonly check: Check
  readonly edits: readonly Edit[]
}

/** A check that an object still fails, and why. */
export interface Left {
  readonly check: Check
  readonly why: string
}

export interface Mending {
  readonly object: KubeObject
  /** The body after all of them. */
  readonly body: JsonObject
  readonly done: readonly Mended[]
  readonly left: readonly Left[]
}

/** A fix is rarely needed twice; what comes back more often is undone by another. */
const MOST_TIMES = 3

/** Of one fix of one object: each edit reads the text of the object anew. */
const MOST_OPERATIONS = 500

/**
 * Fixes what an object fails, one check after another, each seeing what the ones before did, until nothing more can be
 * done. Only what makes its check pass is kept. `spared`: checks that are left alone, each with the reason.
 */
export function mend(object: KubeObject, spared: ReadonlyMap<string, string>, workshop: Workshop): Mending {
  const done: Mended[] = []
  const states: Json[] = [object.body]
  const stuck = new Map<string, string>()
  const undone = new Map<string, string>()
  let { body } = object
  for (;;) {
    const faults = workshop
      .judge({ ...object, body })
      .filter(({ result, check }) => result === 'fail' && !spared.has(check.id))
    const next = faults.find(({ check }) => !stuck.has(check.id) && !undone.has(check.id))
    if (!next) {
      const left = faults.map(({ check }) => ({ check, why: undone.get(check.id) ?? stuck.get(check.id) ?? '' }))
      return { object, body, done, left }
    }
    const { check } = next
    const made = attempt({ ...object, body }, check, workshop)
    if ('why' in made) {
      stuck.set(check.id, made.why)
      continue
    }
    const times = done.filter((each) => each.check.id === check.id).length
    if (times >= MOST_TIMES || states.some((state) => isSameText(state, made.body))) {
      undone.set(check.id, `its fix and those of others undo each other: ${others(done, check)}`)
      continue
    }
    // What another fix changed may be what this one needs.
    stuck.clear()
    body = made.body
    states.push(body)
    done.push({ check, edits: made.edits })
  }
}

function attempt(
  object: KubeObject,
  check: Check,
  { minor, request, judge, fixOf }: Workshop,
): { readonly body: JsonObject; readonly edits: readonly Edit[] } | { readonly why: string } {
  const mutator = fixOf(check.id)
  if (!mutator) return { why: NO_FIX }
  const asked = beforeCreation(request(object), minor)
  const { steps, denied, unknown } = mutator.mutate(asked)
  if (denied) return { why: `its fix fails: ${denied.message}` }
  if (unknown !== undefined) return { why: `its fix needs ${unknown}, which the input does not tell` }
  if (steps.reduce((sum, { operations }) => sum + operations.length, 0) > MOST_OPERATIONS)
    return { why: `its fix makes more than ${MOST_OPERATIONS} changes` }
  let edits: readonly Edit[]
  let body: JsonObject
  try {
    edits = editsOf(object.body, steps)
    body = applyEdits(object.body, edits) as JsonObject
  } catch (error) {
    if (error instanceof Impossible || error instanceof PatchError) return { why: error.message }
    throw error
  }
  if (body === object.body) return { why: 'its fix has nothing to change here' }
  const still = judge({ ...object, body }).find((fault) => fault.check.id === check.id)
  return still ? { why: `its fix does not mend it: ${still.message}` } : { body, edits }
}

export const NO_FIX = 'no fix is known'

function others(done: readonly Mended[], check: Check): string {
  return [...new Set(done.map((each) => each.check.id))].filter((id) => id !== check.id).join(', ')
}

/** The order of keys counts, so that a file that was turned around and back is the same. */
function isSameText(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
