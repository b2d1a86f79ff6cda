import type { Minor } from '../library.ts'
import { daysIn } from '../run/calendar.ts'
import {
  dns1035LabelProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  maskTrailingDash,
  mustMatch,
  type Problems,
} from './dns-name.ts'
import { parseRequestUri } from './go-url.ts'
import { fromBytes, toBytes, utf8Length } from './text.ts'

/** A format of texts, its problems with one, and the size of the regular expression that its cost supposes. */
export interface NamedFormat {
  readonly name: string
  readonly regexSize: number
  readonly problems: (text: string, minor: Minor) => Problems
}

const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const KEY_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const IS_KEY = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)$/

/** The words of label keys and values changed with 1.35. */
const unitOf = (minor: Minor): string => (minor < 35 ? 'characters' : 'bytes')

function qualifiedNameProblems(text: string, minor: Minor): Problems {
  const parts = text.split('/')
  const message = mustMatch(KEY_MESSAGE, KEY, ['MyName', 'my.name', '123-abc'])
  if (parts.length > 2) {
    const subject = minor < 35 ? 'a qualified name' : 'a valid label key'
    return [`${subject} ${message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const found = parts.length === 2 ? [...prefixProblems(parts[0] as string, minor)] : []
  const name = parts[parts.length - 1] as string
  if (name === '') found.push('name part must be non-empty')
  else if (utf8Length(name) > 63) found.push(`name part must be no more than 63 ${unitOf(minor)}`)
  if (!IS_KEY.test(name)) found.push(`name part ${message}`)
  return found
}

function prefixProblems(prefix: string, minor: Minor): Problems {
  if (prefix === '') return ['prefix part must be non-empty']
  return dnsSubdomainProblems(prefix, unitOf(minor)).map((problem) => `prefix part ${problem}`)
}

function labelValueProblems(text: string, minor: Minor): Problems {
  const found: string[] = []
  if (utf8Length(text) > 63) found.push(`must be no more than 63 ${unitOf(minor)}`)
  if (text !== '' && !IS_KEY.test(text))
    found.push(mustMatch(VALUE_MESSAGE, `(${KEY})?`, ['MyValue', 'my_value', '12345']))
  return found
}

function uriProblems(text: string): Problems {
  const url = parseRequestUri(toBytes(text))
  return 'error' in url ? [fromBytes(url.error)] : []
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})([^\n][0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$/u

const isBase64 = (text: string): boolean => text !== '' && text.length % 4 === 0 && BASE64.test(text)

function isDate(text: string): boolean {
  const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text)
  if (parts === null) return false
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number]
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

/** kube-openapi strfmt.IsDateTime: what follows a second `t` is not looked at. */
function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t')
  if (time === undefined || !isDate(date)) return false
  const parts = TIME.exec(time)
  return parts !== null && (parts[1] as string) <= '23' && (parts[2] as string) <= '59' && (parts[3] as string) <= '59'
}

const unless =
  (valid: (text: string) => boolean, problem: string) =>
  (text: string): Problems =>
    valid(text) ? [] : [problem]

/** k8s.io/apiserver pkg/cel/library/format.go, ConstantFormats. */
export const NAMED_FORMATS: ReadonlyMap<string, NamedFormat> = new Map<string, NamedFormat>([
  ['dns1123Label', { name: 'DNS1123Label', regexSize: 30, problems: dnsLabelProblems }],
  ['dns1123Subdomain', { name: 'DNS1123Subdomain', regexSize: 60, problems: (text) => dnsSubdomainProblems(text) }],
  ['dns1035Label', { name: 'DNS1035Label', regexSize: 30, problems: dns1035LabelProblems }],
  ['qualifiedName', { name: 'QualifiedName', regexSize: 60, problems: qualifiedNameProblems }],
  [
    'dns1123LabelPrefix',
    { name: 'DNS1123LabelPrefix', regexSize: 30, problems: (text) => dnsLabelProblems(maskTrailingDash(text)) },
  ],
  [
    'dns1123SubdomainPrefix',
    { name: 'DNS1123SubdomainPrefix', regexSize: 60, problems: (text) => dnsSubdomainProblems(maskTrailingDash(text)) },
  ],
  [
    'dns1035LabelPrefix',
    { name: 'DNS1035LabelPrefix', regexSize: 30, problems: (text) => dns1035LabelProblems(maskTrailingDash(text)) },
  ],
  ['labelValue', { name: 'LabelValue', regexSize: 40, problems: labelValueProblems }],
  ['uri', { name: 'URI', regexSize: 1103, problems: uriProblems }],
  [
    'uuid',
    { name: 'uuid', regexSize: 70, problems: unless((text) => UUID.test(text), 'does not match the UUID format') },
  ],
  ['byte', { name: 'byte', regexSize: 84, problems: unless(isBase64, 'invalid base64') }],
  ['date', { name: 'date', regexSize: 71, problems: unless(isDate, 'invalid date') }],
  ['datetime', { name: 'datetime', regexSize: 71, problems: unless(isDateTime, 'invalid datetime') }],
])
