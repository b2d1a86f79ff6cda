import { utf8Length } from './text.ts'

/** What is wrong with a name, in the words of k8s.io/apimachinery pkg/util/validation. */
export type Problems = readonly string[]

interface Rule {
  readonly longest: number
  readonly pattern: string
  readonly message: string
  readonly examples: readonly string[]
  readonly holds: (text: string) => boolean
}

const isLabel = (text: string): boolean => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

const DNS_1123_LABEL: Rule = {
  longest: 63,
  pattern: LABEL,
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
  holds: isLabel,
}

const DNS_1123_SUBDOMAIN: Rule = {
  longest: 253,
  pattern: `${LABEL}(\\.${LABEL})*`,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
  holds: (text) => text.split('.').every(isLabel),
}

const DNS_1035_LABEL: Rule = {
  longest: 63,
  pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
  holds: (text) => /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text),
}

/** The pattern's message with examples, as RegexError writes them. */
export const mustMatch = (message: string, pattern: string, examples: readonly string[]): string =>
  `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`

function problems(text: string, rule: Rule, unit = 'characters'): Problems {
  const found: string[] = []
  if (utf8Length(text) > rule.longest) found.push(`must be no more than ${rule.longest} ${unit}`)
  if (!rule.holds(text)) found.push(mustMatch(rule.message, rule.pattern, rule.examples))
  return found
}

/** IsDNS1123Label. */
export function dnsLabelProblems(text: string): Problems {
  const found = problems(text, DNS_1123_LABEL)
  if (isLabel(text) || !DNS_1123_SUBDOMAIN.holds(text)) return found
  return [...found.slice(0, -1), 'must not contain dots']
}

/** IsDNS1123Subdomain; `unit` is what its length is counted in. */
export const dnsSubdomainProblems = (text: string, unit = 'characters'): Problems =>
  problems(text, DNS_1123_SUBDOMAIN, unit)

/** IsDNS1035Label. */
export const dns1035LabelProblems = (text: string): Problems => problems(text, DNS_1035_LABEL)

/** A name that is completed later may end with a dash. */
export const maskTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
