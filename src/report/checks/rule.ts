import type { Check } from '../../engines/check.ts'
import { levelOf } from './judged.ts'

/** What SARIF says of a check (3.49 reportingDescriptor), with GitHub’s `security-severity`. */
export interface SarifRule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly fullDescription: { readonly text: string }
  readonly helpUri?: string
  readonly help: { readonly text: string; readonly markdown: string }
  readonly defaultConfiguration: { readonly level: 'error' | 'warning' | 'note' }
  readonly properties: Readonly<Record<string, unknown>>
}

/** As CVSS would grade them; GitHub shows 9.0 and more as critical, 7.0 as high, 4.0 as medium. */
export const SECURITY_SEVERITY = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' } as const

/** `page`: Markdown that says what the check is about, why, and what to do. Without one its title says it all. */
export function sarifRule(check: Check, page: string | undefined): SarifRule {
  const { id, title, severity, category, references, aliases } = check
  const helpUri = references.find((reference) => /^https:\/\/\S+$/.test(reference) && URL.canParse(reference))
  const help = [page?.trim() ?? title, ...(references.length > 0 ? [listOf(references)] : [])].join('\n\n')
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: firstParagraph(page) ?? title },
    ...(helpUri === undefined ? {} : { helpUri: new URL(helpUri).href }),
    help: { text: help, markdown: help },
    defaultConfiguration: { level: levelOf(severity) },
    properties: {
      tags: [category, 'kubernetes', ...Object.entries(aliases).map(([tool, alias]) => `${tool}:${alias}`)],
      ...(category === 'security' ? { 'security-severity': SECURITY_SEVERITY[severity] } : {}),
      'problem.severity': levelOf(severity) === 'note' ? 'recommendation' : levelOf(severity),
    },
  }
}

function listOf(references: readonly string[]): string {
  return `## References\n\n${references.map((reference) => `- ${reference}`).join('\n')}`
}

function firstParagraph(page: string | undefined): string | undefined {
  return page
    ?.split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .find((paragraph) => paragraph !== '' && !paragraph.startsWith('#'))
}
