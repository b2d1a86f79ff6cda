import { quoted } from '../../../authz/quoted.ts'
import { formatPath, type Json, type Path } from '../../../cluster/json.ts'

/** What the API server has against a field of an object that is to be created: a cause of its answer. */
export interface Refusal {
  readonly path: Path
  /** The path as the API server writes it. */
  readonly field: string
  readonly reason: Reason
  readonly message: string
}

/** metav1.CauseType. */
export type Reason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooMany'
  | 'FieldValueTooLong'
  /** Of another type than the field's, or a field that there is not: such an object is not even read. */
  | 'Unreadable'

/** k8s.io/apimachinery pkg/util/validation/field/errors.go ErrorBody. */
function refusal(path: Path, reason: Reason, words: string, detail: string): Refusal {
  return { path, field: fieldText(path), reason, message: detail === '' ? words : `${words}: ${detail}` }
}

function fieldText(path: Path): string {
  return path.some((step) => typeof step === 'string' && !/^\w+$/.test(step))
    ? formatPath(path)
    : path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

export const required = (path: Path, detail = ''): Refusal =>
  refusal(path, 'FieldValueRequired', 'Required value', detail)

export const forbidden = (path: Path, detail: string): Refusal =>
  refusal(path, 'FieldValueForbidden', 'Forbidden', detail)

export const invalid = (path: Path, value: Json, detail: string): Refusal =>
  refusal(path, 'FieldValueInvalid', `Invalid value: ${shown(value)}`, detail)

export const duplicate = (path: Path, value: Json): Refusal =>
  refusal(path, 'FieldValueDuplicate', `Duplicate value: ${shown(value)}`, '')

export const notSupported = (path: Path, value: Json, supported: readonly string[]): Refusal =>
  refusal(
    path,
    'FieldValueNotSupported',
    `Unsupported value: ${shown(value)}`,
    `supported values: ${supported.map(quoted).join(', ')}`,
  )

export const tooMany = (path: Path, count: number, most: number): Refusal =>
  refusal(path, 'FieldValueTooMany', `Too many: ${count}`, `must have at most ${most} items`)

export const tooLong = (path: Path, mostBytes: number): Refusal =>
  refusal(path, 'FieldValueTooLong', 'Too long', `may not be more than ${mostBytes} bytes`)

export const unreadable = (path: Path, message: string): Refusal => refusal(path, 'Unreadable', message, '')

function shown(value: Json): string {
  return typeof value === 'string' ? quoted(value) : goJson(value)
}

/** As Go's encoding/json writes it, where HTML is escaped. */
function goJson(value: Json): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
