import type { Check } from '../../src/engines/check.ts'
import { code } from './markdown.ts'

const TOOLS: readonly (readonly [key: string, name: string])[] = [
  ['polaris', 'Polaris'],
  ['kube-linter', 'kube-linter'],
  ['kube-score', 'kube-score'],
  ['kubescape', 'Kubescape'],
  ['trivy', 'Trivy'],
  ['checkov', 'Checkov'],
  ['kubesec', 'kubesec'],
  ['popeye', 'Popeye'],
]

/** An id of a check elsewhere, and of which kind alone it is one. */
export interface Alias {
  readonly id: string
  readonly kind?: string
}

export function aliasesOf(check: Check, tool: string): readonly Alias[] {
  const text = Object.hasOwn(check.aliases, tool) ? (check.aliases[tool] ?? '') : ''
  return text
    .split(', ')
    .filter((each) => each !== '')
    .map((each) => {
      const equals = each.indexOf('=')
      return equals < 0 ? { id: each } : { kind: each.slice(0, equals), id: each.slice(equals + 1) }
    })
}

export function aliasText({ id, kind }: Alias): string {
  return kind === undefined ? code(id) : `${code(id)} (${kind})`
}

/** The ids of the same check elsewhere, in a sentence. */
export function aliasesText(check: Check): string {
  return TOOLS.flatMap(([tool, name]) => {
    const aliases = aliasesOf(check, tool)
    if (aliases.length === 0) return []
    const grade = tool === 'polaris' && check.polaris !== undefined ? ` (${check.polaris})` : ''
    return [`${name} ${aliases.map(aliasText).join(', ')}${grade}`]
  }).join('; ')
}
