import type { CheckItem } from '../../../checks.ts'
import { readPage } from '../../../observe/catalogue.ts'
import { csv } from '../../../report/checks/csv.ts'
import { fileNames } from '../../../report/checks/file-uri.ts'
import { github } from '../../../report/checks/github.ts'
import { type Judged, shownItems } from '../../../report/checks/judged.ts'
import { junit } from '../../../report/checks/junit.ts'
import { checkMarkdown } from '../../../report/checks/markdown.ts'
import { polaris, polarisScore } from '../../../report/checks/polaris.ts'
import { policyResults } from '../../../report/checks/results.ts'
import { type Replacement, sarif } from '../../../report/checks/sarif.ts'
import { checkScreen, wideCheckScreen } from '../../../report/checks/screen.ts'
import { jsonLines } from '../../../report/json.ts'
import { clean } from '../../../report/text.ts'
import { yamlPieces } from '../../../report/yaml.ts'
import type { Target } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { VERSION } from '../../version.ts'
import { lineReader } from './line-text.ts'

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

/** One output of `policy eval`, made while it is written. */
export function* pieces(target: Target, judged: Judged, options: OutputOptions): Generator<string> {
  const names = fileNames(process.cwd())
  const format = target.format as Format
  switch (format) {
    case 'table':
    case 'wide': {
      const term = terminal(process.stdout, target.file !== undefined)
      const screen = format === 'wide' ? wideCheckScreen : checkScreen
      const score = judged.profile === 'polaris' ? { score: polarisScore(judged.results.items) } : {}
      for (const line of screen(judged, term, { next: options.next, ...score })) yield `${line}\n`
      return
    }
    case 'json':
      return yield* jsonLines(policyResults(judged))
    case 'yaml':
      return yield* yamlPieces(policyResults(judged))
    case 'csv':
      return yield* csv(judged)
    case 'name':
      for (const { check, object, result } of shownItems(judged))
        if (result === 'fail') yield `${clean(`${check.id} ${object.id}`)}\n`
      return
    case 'md':
      return yield* checkMarkdown(judged)
    case 'sarif': {
      const { fixOf } = options
      return yield* sarif(judged, {
        version: VERSION,
        names,
        pageOf: readPage,
        lineText: lineReader(),
        ...(fixOf ? { fixOf } : {}),
      })
    }
    case 'junit':
      return yield* junit(judged)
    case 'github':
      return yield* github(judged, names)
    case 'polaris':
      return yield* polaris(judged, { time: new Date().toISOString(), source: options.source })
    default:
      return format satisfies never
  }
}
