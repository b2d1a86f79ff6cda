/** Formats of names, and what the API server says of others: k8s.io/apimachinery pkg/api/validate/content and pkg/util/validation. */
export type Format = (text: string) => readonly string[]

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const OLD_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?'
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const ENDS = 'and must start and end with an alphanumeric character'

/** RFC 1123; names of most objects. */
export const subdomain: Format = (text) => subdomainIn(text, 'characters')

/** Names are measured in bytes, whatever the words are: two functions of Kubernetes have two words. */
type Unit = 'bytes' | 'characters'

const subdomainIn = (text: string, unit: Unit): readonly string[] => [
  ...noLongerThan(text, 253, unit),
  ...like(
    text,
    SUBDOMAIN,
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ENDS}`,
    'example.com',
  ),
]

/** RFC 1035. */
export const oldLabel: Format = (text) => [
  ...noLongerThan(text, 63, 'characters'),
  ...like(
    text,
    OLD_LABEL,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    'my-name',
    'abc-123',
  ),
]

export const labelValue: Format = (text) => [
  ...noLongerThan(text, 63),
  ...like(
    text,
    `(${KEY})?`,
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`,
    'MyValue',
    'my_value',
    '12345',
  ),
]

/** A name with an optional prefix: keys of labels and annotations. */
export const qualifiedName: Format = (text) => {
  const parts = text.split('/')
  const words = `must consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`
  const examples = ['MyName', 'my.name', '123-abc'] as const
  if (parts.length > 2)
    return [
      `a valid label key ${mismatch(KEY, words, ...examples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const name = parts.at(-1) as string
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined
  const ofPrefix = prefix === undefined ? [] : prefix === '' ? ['must be non-empty'] : subdomainIn(prefix, 'bytes')
  const ofName = [
    ...(name === '' ? ['must be non-empty'] : noLongerThan(name, 63)),
    ...like(name, KEY, words, ...examples),
  ]
  return [...ofPrefix.map((each) => `prefix part ${each}`), ...ofName.map((each) => `name part ${each}`)]
}

/** What may stand in the path of a URL. */
export const pathSegment: Format = (text) => {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((each) => text.includes(each)).map((each) => `may not contain '${each}'`)
}

const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

export function isCelIdentifier(text: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(text) && !RESERVED.has(text)
}

const encoder = new TextEncoder()

export function bytesOf(text: string): number {
  return encoder.encode(text).length
}

function noLongerThan(text: string, most: number, unit: Unit = 'bytes'): readonly string[] {
  return bytesOf(text) > most ? [`must be no more than ${most} ${unit}`] : []
}

/** The patterns are ours and without ambiguity: time linear in the text. */
function like(text: string, pattern: string, words: string, ...examples: readonly string[]): readonly string[] {
  // JavaScript's $ is the end of the text; a line break before it is a character like any other.
  return new RegExp(`^${pattern}$`).test(text) ? [] : [mismatch(pattern, words, ...examples)]
}

function mismatch(pattern: string, words: string, ...examples: readonly string[]): string {
  return `${words} (e.g. '${examples.join("',  or '")}', regex used for validation is '${pattern}')`
}
