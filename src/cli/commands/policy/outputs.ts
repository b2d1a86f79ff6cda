import type { CheckItem } from '../../../checks.ts'
import type { FileNames } from '../../../report/checks/file-uri.ts'
import { type Judged, shownItems } from '../../../report/checks/judged.ts'
import type { Replacement } from '../../../report/checks/sarif.ts'
import { clean } from '../../../report/text.ts'
import type { Target } from '../../output.ts'

export const EVAL_FORMATS = [
  'table',
  'wide',
  'json',
  'yaml',
  'csv',
  'name',
  'md',
  'sarif',
  'junit',
  'github',
  'polaris',
] as const
type Format = (typeof EVAL_FORMATS)[number]

/** Whether an output needs the items of what passes: servers that count cases, and Polaris’ score. */
export function needsPasses(format: string, profile: string | undefined): boolean {
  if (format === 'junit' || format === 'polaris') return true
  return profile === 'polaris' && (format === 'table' || format === 'wide')
}

export interface OutputOptions {
  /** The command that repairs what can be. */
  readonly next: string
  /** What was named with -f. */
  readonly source: string
  fixOf?(item: CheckItem): readonly Replacement[]
}

/** One output of `policy eval`, made while it is written. Of the code of all outputs only that of this one is loaded. */
export async function pieces(target: Target, judged: Judged, options: OutputOptions): Promise<Iterable<string>> {
  const format = target.format as Format
  switch (format) {
    case 'table':
    case 'wide':
      return screen(target, judged, options)
    case 'json':
      return (await import('../../../report/checks/results-json.ts')).resultsJson(judged)
    case 'yaml': {
      const { yamlPieces } = await import('../../../report/yaml.ts')
      return yamlPieces((await import('../../../report/checks/results.ts')).policyResults(judged))
    }
    case 'csv':
      return (await import('../../../report/checks/csv.ts')).csv(judged)
    case 'name':
      return names(judged)
    case 'md':
      return (await import('../../../report/checks/markdown.ts')).checkMarkdown(judged)
    case 'sarif': {
      const { fixOf } = options
      return (await import('../../../report/checks/sarif.ts')).sarif(judged, {
        version: (await import('../../version.ts')).VERSION,
        names: await fileNames(),
        pageOf: (await import('../../../observe/catalogue.ts')).readPage,
        lineText: (await import('./line-text.ts')).lineReader(),
        ...(fixOf ? { fixOf } : {}),
      })
    }
    case 'junit':
      return (await import('../../../report/checks/junit.ts')).junit(judged)
    case 'github':
      return (await import('../../../report/checks/github.ts')).github(judged, await fileNames())
    case 'polaris':
      return (await import('../../../report/checks/polaris.ts')).polaris(judged, {
        time: new Date().toISOString(),
        source: options.source,
      })
    default:
      return format satisfies never
  }
}

async function screen(target: Target, judged: Judged, { next }: OutputOptions): Promise<Iterable<string>> {
  const { checkScreen, wideCheckScreen } = await import('../../../report/checks/screen.ts')
  const { polarisScore } = await import('../../../report/checks/polaris.ts')
  const { terminal } = await import('../../terminal.ts')
  const term = terminal(process.stdout, target.file !== undefined)
  const lines = target.format === 'wide' ? wideCheckScreen : checkScreen
  const score = judged.profile === 'polaris' ? { score: polarisScore(judged.results.items) } : {}
  return lines(judged, term, { next, ...score }).map((line) => `${line}\n`)
}

function* names(judged: Judged): Generator<string> {
  for (const { check, object, result } of shownItems(judged))
    if (result === 'fail') yield `${clean(`${check.id} ${object.id}`)}\n`
}

async function fileNames(): Promise<FileNames> {
  return (await import('../../../report/checks/file-uri.ts')).fileNames(process.cwd())
}
