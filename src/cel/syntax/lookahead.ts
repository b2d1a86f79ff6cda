import { FIRST } from './expected.ts'
import type { Recognizer } from './recognizer.ts'

/** A sign before a number is the number's, unless a sign stands before it. */
export function negates(input: Recognizer): boolean {
  const [first, second] = [input.look(), input.look(2)]
  if (!FIRST.member.kinds.has(first.kind)) throw input.noViable(first, first)
  if (first.kind !== "'-'" || second.kind === 'NUM_INT' || second.kind === 'NUM_FLOAT') return false
  if (!FIRST.member.kinds.has(second.kind)) throw input.noViable(first, second)
  return true
}

/** Whether another sign follows a sign: here it is the number's in no case. */
export function negatesAgain(input: Recognizer): boolean {
  const [first, second] = [input.look(), input.look(2)]
  if (!FIRST.member.kinds.has(first.kind)) throw input.noViable(first, first)
  if (first.kind !== "'-'") return false
  if (!FIRST.member.kinds.has(second.kind)) throw input.noViable(first, second)
  return true
}

/** Whether `.name(` follows; a name must. */
export function calls(input: Recognizer): boolean {
  const [dot, name] = [input.look(), input.look(2)]
  if (name.kind === 'IDENTIFIER') return input.look(3).kind === "'('"
  if (name.kind !== "'?'" && name.kind !== 'ESC_IDENTIFIER') throw input.noViable(dot, name)
  return false
}
