import type { Severity } from '../../engines/engine.ts'
import type { Analysis } from '../../loop.ts'
import { buildReport } from '../../report/build.ts'
import { jsonLines } from '../../report/json.ts'
import { markdown } from '../../report/markdown.ts'
import type { Report } from '../../report/report.ts'
import { screen } from '../../report/screen.ts'
import { storyOf } from '../../report/story.ts'
import { yamlText } from '../../report/yaml.ts'
import { COMMAND, option, sameInput } from '../again.ts'
import { EXIT } from '../exit.ts'
import { type Target, targetsOf, write } from '../output.ts'
import { type PlanFlags, planInput } from '../plan.ts'
import { terminal } from '../terminal.ts'

const FORMATS = ['table', 'wide', 'json', 'yaml', 'md', 'html'] as const

export interface ScanFlags extends PlanFlags {
  readonly failOn?: Severity | 'none'
  readonly graph?: boolean
}

const RANK: Readonly<Record<Severity | 'none', number>> = { none: 4, critical: 3, high: 2, medium: 1, low: 0 }

/** Reads, maps, judges and reports. */
export async function scan(flags: ScanFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const { analysis, plan, code } = await planInput(flags)
  const wantsGraph = flags.graph === true || targets.some((target) => target.format === 'html')
  const report = buildReport(analysis, { graph: wantsGraph, ...(plan ? { plan } : {}) })
  const slim = flags.graph === true ? report : withoutGraph(report)
  for (const target of targets) await write(await rendered(target, report, slim, analysis, flags), target)
  if (code !== EXIT.ok) return code
  const { failOn = 'none' } = flags
  const isGrave = report.findings.some((finding) => RANK[finding.severity] >= RANK[failOn])
  return isGrave ? EXIT.findings : EXIT.ok
}

function withoutGraph({ graph: _, ...report }: Report): Report {
  return report
}

async function rendered(
  target: Target,
  report: Report,
  slim: Report,
  analysis: Analysis,
  flags: ScanFlags,
): Promise<Iterable<string>> {
  switch (target.format as (typeof FORMATS)[number]) {
    case 'json':
      return jsonLines(slim)
    case 'yaml':
      return [yamlText(slim)]
    case 'md':
      return markdown(slim, storyOf(analysis, slim))
    case 'html':
      return (await import('../../report/html.ts')).html(report)
    case 'table':
    case 'wide': {
      const term = terminal(process.stdout, target.file !== undefined)
      return screen(slim, storyOf(analysis, slim), term, {
        wide: target.format === 'wide',
        again: nextCommand(flags),
      }).map((line) => `${line}\n`)
    }
  }
}

/** The command that a person would run next on the same input, with all that decides the plan. */
function nextCommand(flags: ScanFlags): string {
  return [
    `${COMMAND} fix`,
    ...sameInput(flags),
    ...(flags.history ?? []).flatMap((name) => option('--history', name)),
    ...option('--min-days', flags.minDays),
    ...option('--max-unseen', flags.maxUnseen),
  ].join(' ')
}
