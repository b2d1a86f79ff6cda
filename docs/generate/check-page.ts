import { aliasesText } from './alias.ts'
import type { CheckFolder } from './check-folder.ts'
import { code, GENERATED, table } from './markdown.ts'
import { rulesText } from './matching.ts'
import { decidingText, firstDocument } from './policy-text.ts'

/** The page of a check of `policies/`: its annotations, what a person wrote, its expressions and its smallest examples. */
export function checkPage(folder: CheckFolder): string {
  const { check } = folder
  return [
    GENERATED,
    `# ${check.id}`,
    '',
    `**${check.title}.** Severity: ${check.severity}.`,
    '',
    table(['', ''], facts(folder)),
    '',
    withFix(folder),
    '',
    '## How it is decided',
    '',
    decision(folder),
    '',
    '## Examples',
    '',
    'Passes:',
    '',
    yaml(firstDocument(folder.good)),
    '',
    'Fails:',
    '',
    yaml(firstDocument(folder.bad)),
    '',
    ...(folder.params === undefined ? [] : ['The params of both:', '', yaml(firstDocument(folder.params)), '']),
    `More: [good.yaml](${path(folder, 'good.yaml')}), [bad.yaml](${path(folder, 'bad.yaml')}).`,
    '',
    '## References',
    '',
    ...check.references.map((reference) => `- ${/^https:\/\/\S+$/.test(reference) ? `<${reference}>` : reference}`),
    '',
  ].join('\n')
}

function facts(folder: CheckFolder): [string, string][] {
  const { check, profiles, versions } = folder
  const elsewhere = aliasesText(check)
  return [
    ['category', check.category],
    ['profiles', profiles.map(code).join(', ')],
    ...(check.podSecurity
      ? ([
          [
            'Pod Security',
            `${check.podSecurity.level}, since v1.${versions[0]?.since}: ${code(check.aliases.pss ?? '')}`,
          ],
        ] as [string, string][])
      : []),
    ['asked of', rulesText(check.policy)],
    ['fix', folder.fix === undefined ? 'by hand' : code(`bulkhead fix --in-place --checks ${check.id}`)],
    ['enforced from', `Kubernetes 1.${check.minimum}`],
    ...(elsewhere === '' ? [] : ([['elsewhere', elsewhere]] as [string, string][])),
  ]
}

/** What a person wrote, with the mutation at the end of the section on the fix. */
function withFix(folder: CheckFolder): string {
  const { page, fix } = folder
  if (fix === undefined) return page.trim()
  const [before = '', after = ''] = page.trim().split(/^(?=## When to accept it$)/m)
  const mutation = decidingText(fix).text
  return `${before.trimEnd()}\n\nThe mutation of [fix.yaml](${path(folder, 'fix.yaml')}):\n\n${yaml(mutation)}\n\n${after}`
}

function decision(folder: CheckFolder): string {
  const { versions } = folder
  const { text, shared } = decidingText(folder.policy)
  const lines = [yaml(text), '']
  if (shared.length > 0)
    lines.push(
      `${shared.map(code).join(', ')}: the [variables that all policies share](../../guides/write-a-check.md#shared-variables).`,
    )
  lines.push(`The whole policy: [policy.yaml](${path(folder, 'policy.yaml')}).`)
  if (versions.length > 1)
    lines.push(
      '',
      `Of older versions of Pod Security: ${versions
        .slice(0, -1)
        .map(({ since, file }, index) => {
          const last = (versions[index + 1]?.since ?? 1) - 1
          return `[${last === since ? `v1.${since}` : `v1.${since} to v1.${last}`}](${path(folder, file)})`
        })
        .join(', ')}.`,
    )
  return lines.join('\n')
}

function path({ check }: CheckFolder, file: string): string {
  return `../../../policies/${check.id}/${file}`
}

function yaml(text: string): string {
  return `\`\`\`yaml\n${text}\n\`\`\``
}
