import { CelError } from '../error.ts'
import type { Library } from '../library.ts'
import { sizeOf } from '../run/size.ts'
import { INT, listOf, STRING } from '../type.ts'
import type { Value } from '../value.ts'
import { charged, regexCost } from './cost.ts'
import { define, member } from './define.ts'
import { cachedRegex, type Regex } from './re2.ts'

const cost = charged((args) => regexCost(args[0] as Value, sizeOf(args[1] as Value)))

function regex(pattern: Value): Regex {
  const compiled = cachedRegex(pattern as string)
  if (typeof compiled === 'string') throw new CelError(`Illegal regex: ${compiled}`)
  return compiled
}

/** A limit of findAll as Go's `int` holds it; every text has fewer matches than a safe integer can count. */
const limitOf = (value: Value): number => Number(value)

/** k8s.io/apiserver pkg/cel/library/regex.go. */
export const REGEX: readonly Library[] = [
  {
    name: 'kubernetes.regex',
    since: 0,
    functions: [
      define('find', cost, [
        member('string_find_string', [STRING, STRING], STRING, (text, pattern) =>
          regex(pattern as Value).find(text as string),
        ),
      ]),
      define('findAll', cost, [
        member('string_find_all_string', [STRING, STRING], listOf(STRING), (text, pattern) =>
          regex(pattern as Value).findAll(text as string, -1),
        ),
        member('string_find_all_string_int', [STRING, STRING, INT], listOf(STRING), (text, pattern, limit) =>
          regex(pattern as Value).findAll(text as string, limitOf(limit as Value)),
        ),
      ]),
    ],
  },
]
