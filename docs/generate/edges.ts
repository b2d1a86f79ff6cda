import type { EdgeKind } from '../../src/engines/engine.ts'
import { cell, GENERATED } from './markdown.ts'

export function edgesPage(kinds: readonly EdgeKind[]): string {
  const rows = kinds.map(
    ({ kind, title, from, to, chance, precondition, source }) =>
      `### \`${kind}\`\n\n${title}.\n\n| | |\n|---|---|\n${[
        ['from', from],
        ['to', to],
        ['chance', chance],
        ['needs', precondition],
        ['source', source],
      ]
        .map(([name, text]) => `| ${name} | ${cell(text as string)} |`)
        .join('\n')}\n`,
  )
  return `${GENERATED}
# Edges

An edge is one step of an attacker. A **control** edge has chance 1: it needs no further exploit. A **contact** edge opens a connection to
something that would still have to be exploited; its chance is below 1, and a path holds at most two of them ([how risk is counted](risk.md)).
The truth of an edge is \`yes\` or \`unknown\`; an unknown edge is walked as present and marked. \`bulkhead graph -o json\` prints
every edge with its evidence.

Nodes have the kinds of Kubernetes, and a few that it has not: \`ControlPlane\`, \`Application\`, \`External\`, \`Internet\`; \`Scope\` is what one
right opens all at once (every Secret of a namespace, every pod that could be created there), and \`Reach\` a class of workloads with equal
network reach. Both keep the graph small: an edge for each pair would grow with the square of the cluster.

${kinds.length} kinds: ${kinds.map(({ kind }) => `[${kind}](#${kind})`).join(', ')}.

${rows.join('\n')}`
}
