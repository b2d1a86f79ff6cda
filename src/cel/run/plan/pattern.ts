import type { Env } from '../../env.ts'
import { cachedRegex, type Regex } from '../../library/re2.ts'
import { isFailure, NO_SUCH_OVERLOAD } from '../frame.ts'
import { codePoints } from '../size.ts'
import { PlanError, type Planned } from './planned.ts'

/**
 * `text.matches('pattern')`: the pattern of a constant is compiled while planning, and refused there (cel-go
 * interpreter/optimizations.go). A text that fails ends the call before it is charged.
 */
export function planMatches(
  overload: string | undefined,
  args: readonly Planned[],
  { minor, provenPatterns }: Env,
): Planned | undefined {
  const pattern = args[1]?.constant?.value
  if (args.length !== 2 || typeof pattern !== 'string') return undefined
  let regex = provenPatterns === true ? undefined : planned(pattern)
  const text = (args[0] as Planned).run
  const size = Math.ceil(codePoints(pattern) * 0.25)
  // The global form `matches(text, pattern)` has another overload id, which costCall knows since cel-go v0.29 of 1.37.
  const charged = overload === 'matches_string' || (overload === 'matches' && minor >= 37)
  return {
    run: (frame) => {
      const value = text(frame)
      if (isFailure(value)) return value
      const length = typeof value === 'string' ? codePoints(value) : 1
      frame.meter.charge(charged ? Math.ceil((1 + length) * 0.1) * size : 1)
      if (typeof value !== 'string') return NO_SUCH_OVERLOAD
      regex ??= planned(pattern)
      return regex.matches(value)
    },
  }
}

/**
 * Functions whose second argument is a pattern: a constant one is looked at while planning, and the first failure of the
 * arguments ends the call (k8s.io/apiserver pkg/cel/library/regex.go).
 */
export function hasConstantPattern(name: string, args: readonly Planned[], { provenPatterns }: Env): boolean {
  const pattern = args[1]?.constant?.value
  if ((name !== 'find' && name !== 'findAll') || typeof pattern !== 'string') return false
  if (provenPatterns !== true) planned(pattern)
  return true
}

function planned(pattern: string): Regex {
  const regex = cachedRegex(pattern)
  if (typeof regex === 'string') throw new PlanError(regex)
  return regex
}
