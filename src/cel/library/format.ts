import { CelError } from '../error.ts'
import type { Library, Minor } from '../library.ts'
import { NONE, optionalOf } from '../run/optional.ts'
import { listOf, objectType, optionalOf as optionalType, STRING, type Type } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { charged, regexCost } from './cost.ts'
import { define, global, member, NOMINAL } from './define.ts'
import { NAMED_FORMATS, type NamedFormat } from './named-format.ts'

const OF: Type = objectType('kubernetes.NamedFormat')

/** A named format as a value. */
export class Format implements Opaque {
  readonly opaque = true
  readonly type: Type = OF
  readonly format: NamedFormat
  constructor(format: NamedFormat) {
    this.format = format
  }
  /** Throws `CelError` for what is no format. */
  equals(other: Value): boolean {
    if (!(other instanceof Format)) throw new CelError('no such overload')
    return other.format.name === this.format.name
  }
  /** Kubernetes gives it no text. */
  toString(): string {
    return ''
  }
}

const FORMATS: ReadonlyMap<string, Format> = new Map(
  Array.from(NAMED_FORMATS, ([name, format]) => [name, new Format(format)]),
)

function named(name: string): Value {
  const format = FORMATS.get(name)
  return format === undefined ? NONE : optionalOf(format)
}

function validate(format: Format, text: string, minor: Minor): Value {
  const problems = format.format.problems(text, minor)
  return problems.length === 0 ? NONE : optionalOf(problems)
}

const validateCost = charged(([format, text]) =>
  format instanceof Format ? regexCost(text as Value, format.format.regexSize) : 1,
)

/** k8s.io/apiserver pkg/cel/library/format.go; the words of some problems depend on the release. */
export function format(minor: Minor): readonly Library[] {
  const constants = Array.from(FORMATS, ([name, value]) => ({
    name: `format.${name}`,
    overloads: [global(`format.${name}`, [], OF, () => value)],
  }))
  return [
    {
      name: 'kubernetes.format',
      since: 31,
      functions: [
        ...constants,
        define('format.named', NOMINAL, [
          global('format-named', [STRING], optionalType(OF), (name) => named(name as string)),
        ]),
        define('validate', validateCost, [
          member('format-validate', [OF, STRING], optionalType(listOf(STRING)), (value, text) =>
            validate(value as Format, text as string, minor),
          ),
        ]),
      ],
    },
  ]
}
