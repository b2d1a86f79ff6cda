import type { Check } from '../../src/engines/check.ts'
import { aliasesOf } from './alias.ts'
import { code, GENERATED, table } from './markdown.ts'
import { POLARIS_CHECKS } from './polaris-checks.ts'

/** Which check answers each of Polaris'. */
export function polarisPage(checks: readonly Check[]): string {
  const answers = Map.groupBy(
    checks.flatMap((check) => aliasesOf(check, 'polaris').map((alias) => ({ check, ...alias }))),
    ({ id }) => id,
  )
  const rows = POLARIS_CHECKS.map(({ id, severity, differs }) => [
    code(id),
    severity,
    (answers.get(id) ?? [])
      .map(({ check, kind }) => `[${check.id}](checks/${check.id}.md)${kind === undefined ? '' : ` of a ${kind}`}`)
      .join(', '),
    differs ?? '',
  ])
  return `${GENERATED}
# Polaris

\`--profile polaris\` asks the ${POLARIS_CHECKS.length} checks of Polaris 10 with its severities, \`danger\` and \`warning\`; the items carry its ids
(\`aliases.polaris\`), and \`-o polaris\` writes its JSON with its score, floor(100 · 2S / (2S + W + 2D)) of S passes, W warnings and D dangers.

    bulkhead policy eval -f manifests/ -R --profile polaris -o polaris

Where the two answer differently, it is for one of these reasons; [write-a-check](../guides/write-a-check.md) tells what holds for all checks.

- **The object is seen as the API server sees it,** with defaults and without empty fields; Polaris reads the text.
- **Ephemeral containers are asked too,** where the property concerns them.
- **What the input cannot tell is *unknown*,** neither a pass nor a failure.

${table(['Polaris', 'severity', 'check', 'where it differs'], rows)}

Exemptions of Polaris, and its configuration: [exceptions](../guides/exceptions.md).
`
}
