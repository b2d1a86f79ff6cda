import { type Answer, both, either, not } from './answer.ts'
import { arnParts } from './arn.ts'
import { conditionsHold } from './conditions.ts'
import type { Lookup } from './context.ts'
import type { Patterns, Statement } from './document.ts'
import { matches } from './glob.ts'
import { expand } from './variables.ts'

export interface Asked {
  /** In lower case: actions are equal in any case of letters. */
  readonly action: string
  /** An ARN, or `*` where the action is on no resource. */
  readonly resource: string
  readonly lookup: Lookup
}

export interface Match {
  readonly answer: Answer
  readonly unknown: readonly string[]
}

const NO: Match = { answer: 'no', unknown: [] }

/** Whether a statement speaks of a request: its actions, resources and conditions; principals are asked apart. */
export function speaksOf(statement: Statement, asked: Asked): Match {
  const action = inPatterns(statement.actions, (pattern) => ({
    answer: matches(pattern.toLowerCase(), asked.action),
    unknown: [],
  }))
  if (action.answer === 'no') return NO
  const resource =
    statement.resources === undefined
      ? { answer: 'yes' as const, unknown: [] }
      : resourcesMatch(statement.resources, statement.variables, asked)
  if (resource.answer === 'no') return NO
  const conditions = conditionsHold(statement.conditions, statement.variables, asked.lookup)
  return {
    answer: both(both(action.answer, resource.answer), conditions.answer),
    unknown: [...resource.unknown, ...conditions.unknown],
  }
}

function inPatterns(patterns: Patterns, match: (pattern: string) => Match): Match {
  let answer: Answer = 'no'
  const unknown: string[] = []
  for (const pattern of patterns.patterns) {
    const one = match(pattern)
    answer = either(answer, one.answer)
    if (answer === 'yes') break
    unknown.push(...one.unknown)
  }
  return { answer: patterns.not ? not(answer) : answer, unknown: answer === 'maybe' ? unknown : [] }
}

function resourcesMatch(patterns: Patterns, variables: boolean, asked: Asked): Match {
  return inPatterns(patterns, (pattern) => resourceMatches(pattern, variables, patterns.not, asked))
}

function resourceMatches(pattern: string, variables: boolean, negated: boolean, asked: Asked): Match {
  const expanded = expand(pattern, { variables, wild: true }, asked.lookup)
  // A pattern with a variable of no value matches nothing; whether NotResource is then all there is, is not said.
  if (expanded.missing) return negated ? { answer: 'maybe', unknown: [] } : NO
  const answer = matches(expanded.glob, asked.resource)
  if (answer === 'no' || expanded.unknown.length > 0)
    return answer === 'no' ? NO : { answer: 'maybe', unknown: expanded.unknown }
  return { answer: both(answer, spansColons(pattern, asked.resource)), unknown: [] }
}

/**
 * A `*` at the end of a part of an ARN goes on over the colon (IAM user guide, the Resource element); of one in the middle
 * of a part this is not said: where only that makes a pattern match, it is `maybe`.
 */
function spansColons(pattern: string, resource: string): Answer {
  if (pattern === '*' || pattern.includes('${')) return 'yes'
  const wanted = arnParts(pattern)
  const head = wanted.slice(0, -1)
  if (!head.some((part) => /\*[^*]/.test(part))) return 'yes'
  const parts = arnParts(resource)
  const whole =
    wanted.length === parts.length && wanted.every((part, at) => matches(part, parts[at] as string) === 'yes')
  return whole ? 'yes' : 'maybe'
}
