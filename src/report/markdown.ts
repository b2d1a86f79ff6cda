import { idParts } from '../cluster/object.ts'
import { markdownText, rows } from './escape.ts'
import { planSentence } from './plan-text.ts'
import { verdictText } from './proof-text.ts'
import type { Report } from './report.ts'
import { severities } from './screen.ts'
import { notesOf, placeText, type Story } from './story.ts'
import { clean, percent } from './text.ts'
import { OVERLOAD_TITLES, overloadCells } from './traffic/overload-screen.ts'
import { nodeText } from './words.ts'

/** The report for a pull request or a wiki: whole, without a cut. */
export function* markdown(report: Report, story: Story | undefined): Generator<string> {
  const { risk, entries, findings, unknowns, applications, assets, inputs, kubernetes } = report
  yield `# Bulkhead\n\n${markdownText(report.sentence)}\n\n`
  if (entries.length > 0) {
    yield `One breach, wherever it starts, is expected to cost **${percent(risk.total)}** of all value`
    yield risk.assumed > 0 && risk.total > 0
      ? `; ${percent(risk.assumed / risk.total)} of that rests on what is not known.\n\n`
      : '.\n\n'
  }
  yield* planned(report)
  if (story) {
    yield `## The way to ${markdownText(story.asset.title)}\n\n`
    for (const step of story.steps) {
      const reason = step.because.find((each) => each.file !== undefined) ?? step.because[0]
      yield `1. ${markdownText(step.text + notesOf(step))}${reason === undefined ? '' : `<br>${markdownText(placeText(reason))}`}\n`
    }
    yield '\n'
  }
  yield `## Where a breach would spread (${entries.length})\n\n`
  yield* rows(
    ['entry', 'kind', 'exposed', `controls of ${assets.length}`, 'in contact', 'loss', 'of the risk'],
    entries.map((entry) => [
      nodeText(entry.id),
      entry.kind,
      entry.exposed,
      String(entry.controls),
      String(entry.contacts),
      percent(entry.risk),
      percent(risk.total === 0 ? 0 : (entry.weight * entry.risk) / risk.total),
    ]),
  )
  yield `## Applications (${applications.length})\n\n`
  yield* rows(
    ['application', 'namespaces', 'owner', 'workloads', 'exposed', 'risk'],
    applications.map((application) => [
      application.name,
      application.namespaces.join(', '),
      application.owner ?? '',
      application.workloads.map((id) => idParts(id).name).join(', '),
      application.exposed,
      percent(application.risk),
    ]),
  )
  if (report.overload.items.length > 0) {
    yield '## What one can exhaust\n\n'
    yield* rows(
      OVERLOAD_TITLES.map((title) => title.toLowerCase()),
      report.overload.items.map(overloadCells),
    )
    if (report.overload.more > 0) yield `and ${report.overload.more} more\n\n`
  }
  yield `## Findings: ${severities(findings)}\n\n`
  if (findings.length > 0) {
    yield* rows(
      ['severity', 'resource', 'finding', 'where'],
      findings.map(({ severity, resource, container, message, location }) => [
        severity,
        `${resource.kind} ${resource.namespace === '' ? '' : `${resource.namespace}/`}${resource.name}${container === undefined ? '' : ` (${container})`}`,
        message,
        location === undefined ? '' : `${location.file}:${location.line}`,
      ]),
    )
  }
  yield `## Not known (${unknowns.length})\n\n`
  for (const { message, count, settle } of unknowns)
    yield `- ${markdownText(message)} (${count}). To settle it: ${markdownText(settle)}.\n`
  yield `\nRead ${inputs.objects} objects from ${inputs.files} files, ${inputs.unreadable.length} unreadable. Kubernetes ${kubernetes.version}.\n`
  for (const { file, line, message, code } of inputs.unreadable)
    yield `- ${markdownText(`${file ?? ''}${line === undefined ? '' : `:${line}`} ${message} [${code}]`)}\n`
}

function* planned(report: Report): Generator<string> {
  const told = planSentence(report)
  if (told === undefined) return
  const { plan = [], rejected = [], residual } = report
  yield `## Plan (${plan.length})\n\n${markdownText(told)}\n\n`
  if (plan.length > 0)
    yield* rows(
      ['', 'change', 'owner', 'risk removed', 'proof'],
      plan.map(({ rank, title, owner, risk, proof }) => [
        String(rank),
        title,
        owner ?? '',
        percent(risk.share),
        verdictText(proof),
      ]),
    )
  for (const { title, why, reason } of rejected)
    yield `- ${why === 'breaks' ? 'would break' : 'cannot be made in place'}: ${markdownText(title)}: ${markdownText(reason)}\n`
  if (residual) yield `\nLeft: ${percent(residual.share)} of the risk. ${markdownText(residual.why.join('; '))}\n\n`
  for (const { rank, title, patches } of plan) {
    for (const { file, diff } of patches)
      yield `\n**${rank}. ${markdownText(title)}** ${markdownText(file)}\n\n${fenced(diff.split('\n').map(clean).join('\n'))}\n`
  }
}

/** A fence longer than any in the text, so that nothing in it can end it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}diff\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}\n`
}
