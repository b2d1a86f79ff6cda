/**
 * What a plain (unquoted) YAML scalar means to kubectl: go.yaml.in/yaml v2 `resolve.go`, as sigs.k8s.io/yaml uses it.
 * Neither YAML 1.1 nor 1.2: `0400` is 256, `yes` and `on` are true, `1_000` is 1000, dates and sexagesimals are strings.
 */

const WORDS: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
])

const DATE = /^[0-9]{4}-/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const DOT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)?$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/

const MIN_INT64 = -(2n ** 63n)
const MAX_UINT64 = 2n ** 64n - 1n

/** The value of `text`, or undefined when it is a string. Integers beyond 2^53 lose their last digits. */
export function resolvePlain(text: string): null | boolean | number | undefined {
  const first = text.charCodeAt(0)
  // Most scalars of a manifest begin with a letter that begins no word and no number.
  if (first > 0x5a && 'ynYNtTfFoO~'.indexOf(text[0] as string) < 0) return undefined
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (first === 0x2e) return DOT_FLOAT.test(text) ? finite(Number(text.replaceAll('_', ''))) : undefined
  const digitOrSign = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d
  return digitOrSign ? resolveNumber(text) : undefined
}

function resolveNumber(text: string): number | undefined {
  if (DATE.test(text)) return undefined
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  const integer = INTEGER.exec(plain)
  if (integer) {
    const value = integerValue(integer)
    if (value !== undefined) return value
  }
  return FLOAT.test(plain) ? finite(Number.parseFloat(plain)) : undefined
}

function integerValue(match: RegExpExecArray): number | undefined {
  const [, sign, hex, binary, octal, decimal] = match
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : (decimal as string)
  const small = Number(digits)
  if (Number.isSafeInteger(small)) return sign === '-' && small !== 0 ? -small : small
  const exact = sign === '-' ? -BigInt(digits) : BigInt(digits)
  // strconv.ParseUint takes no sign, so that +2^63 falls through to float as Go's does.
  if (exact < MIN_INT64 || exact > MAX_UINT64 || (sign === '+' && exact >= 2n ** 63n)) return undefined
  return Number(exact)
}

/** strconv.ParseFloat fails on overflow, and the scalar is a string then. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
