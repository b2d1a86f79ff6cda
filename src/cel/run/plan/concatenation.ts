import type { Overload } from '../../library.ts'
import { STRING_FACTOR } from '../../standard/overload.ts'
import type { Value } from '../../value.ts'
import { add } from '../arithmetic.ts'
import type { Outcome, Step } from '../frame.ts'
import { codePoints } from '../size.ts'
import type { BinaryCall } from './invocation.ts'
import type { Planned } from './planned.ts'

/** A text of a chain of `+`. */
interface Term {
  readonly run: Step
  /** How many code points it has, where it is a constant. */
  readonly size: number | undefined
}

/** The terms of a chain of `+` of texts. */
export interface Concatenation {
  readonly terms: readonly Term[]
}

/**
 * `a + b + c` of texts, which most messages are: one node for the chain, since the size of what is joined so far, by which
 * each `+` is charged, is the sum of the sizes. `call`: one `+` as any other call, for what turns out to be no text.
 */
export function planConcatenation(first: Planned, second: Planned, call: BinaryCall): Planned {
  const terms = [...(first.concatenation?.terms ?? [termOf(first)]), termOf(second)]
  return { run: concatenating(terms, call), concatenation: { terms } }
}

export function isConcatenation(name: string, overloads: readonly Overload[]): boolean {
  return name === '_+_' && overloads.length === 1 && overloads[0]?.id === 'add_string'
}

function termOf({ run, constant }: Planned): Term {
  return { run, size: typeof constant?.value === 'string' ? codePoints(constant.value) : undefined }
}

function concatenating(terms: readonly Term[], call: BinaryCall): Step {
  const [head, ...tail] = terms as readonly [Term, ...Term[]]
  return (frame) => {
    let joined: Outcome = head.run(frame)
    let size = 0
    let last = ''
    if (typeof joined === 'string') {
      size = head.size ?? codePoints(joined)
      last = joined
    }
    for (let i = 0; i < tail.length; i++) {
      const { run, size: known } = tail[i] as Term
      const next = run(frame)
      if (typeof joined !== 'string' || typeof next !== 'string') {
        // What is no text now is a failure from here on.
        joined = call(frame, joined, next)
        continue
      }
      const added = known ?? codePoints(next)
      joined = add(joined as Value, next) as string
      frame.meter.charge(Math.ceil((size + added) * STRING_FACTOR))
      size += isPairApart(last, next) ? added - 1 : added
      if (next !== '') last = next
    }
    return joined
  }
}

/** Two halves of one code point, each of which counts for one by itself. */
function isPairApart(before: string, after: string): boolean {
  return (after.charCodeAt(0) & 0xfc00) === 0xdc00 && (before.charCodeAt(before.length - 1) & 0xfc00) === 0xd800
}
