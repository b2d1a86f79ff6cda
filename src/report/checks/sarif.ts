import type { CheckItem } from '../../checks.ts'
import { hash8, hash53 } from '../../cluster/hash.ts'
import type { Problem } from '../../errors.ts'
import { jsonItems, jsonText } from '../json.ts'
import { acceptedText } from './accepted.ts'
import type { FileNames } from './file-uri.ts'
import { type Judged, levelOf, shownItems, witnessOf } from './judged.ts'
import { type FoundOffence, objectText, type Place, placesOf } from './results.ts'
import { type SarifRule, sarifRule } from './rule.ts'

export interface SarifOptions {
  readonly version: string
  readonly names: FileNames
  /** Markdown of a check by its id. */
  pageOf(id: string): string | undefined
  /** The text of a line of a file, 1-based, by which the end of a place is known; undefined where it cannot be read. */
  lineText?(file: string, line: number): string | undefined
  /** What repairs the fault, as changes of text; empty where nothing is known. */
  fixOf?(item: CheckItem): readonly Replacement[]
}

/** Text that takes the place of a range of a file; lines and columns are 1-based, the end is exclusive. */
export interface Replacement {
  readonly file: string
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
  readonly text: string
}

/** Names of code hosts for the root of the checkout. */
const ROOT = '%SRCROOT%'

/**
 * SARIF 2.1.0 (OASIS), one result a line. It holds no snippets: the line of a fault may hold a password.
 * Columns count UTF-16 code units, as ours do.
 */
export function* sarif(judged: Judged, options: SarifOptions): Generator<string> {
  const checks = [...judged.results.checks.values()]
  const ruleIndex = new Map(checks.map(({ id }, index) => [id, index]))
  const rules = checks.map((check) => sarifRule(check, options.pageOf(check.id)))
  yield* sarifLog({ ...options, rules, problems: judged.inputs.problems }, eachResult(judged, ruleIndex, options))
}

export interface SarifHead {
  readonly version: string
  readonly names: FileNames
  readonly rules: readonly SarifRule[]
  readonly problems: readonly Problem[]
}

/** One run, a result a line. */
export function* sarifLog(
  { version, names, rules, problems }: SarifHead,
  results: Iterable<object>,
): Generator<string> {
  yield '{\n"$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n"version": "2.1.0",\n"runs": [{\n'
  yield '"tool": {"driver": {"name": "Bulkhead", '
  yield `"version": ${jsonText(version)}, "rules": `
  yield* jsonItems(rules, '')
  yield '}},\n"columnKind": "utf16CodeUnits",\n"invocations": '
  const notes = problems.map((each) => notification(each, names))
  const invocation = { executionSuccessful: problems.length === 0, toolExecutionNotifications: notes }
  yield* jsonItems([invocation], '')
  yield ',\n"results": '
  yield* jsonItems(results, '')
  yield '\n}]}\n'
}

function* eachResult(judged: Judged, ruleIndex: ReadonlyMap<string, number>, options: SarifOptions): Generator<object> {
  const seenBy = witnessOf(judged.locate)
  for (const item of shownItems(judged))
    yield resultOf(item, placesOf(item, seenBy(item)), ruleIndex.get(item.check.id) as number, options)
}

/** A result that is none of a failure has no level (SARIF 3.27.10). */
const KINDS = { pass: 'pass', fail: 'fail', excepted: 'fail', unknown: 'open' } as const

function resultOf(item: CheckItem, places: readonly FoundOffence[], ruleIndex: number, options: SarifOptions): object {
  const { check, object, message } = item
  const [first, ...others] = places
  const kind = KINDS[item.result]
  const exception = item.result === 'excepted' ? item.exception : undefined
  const fingerprint = hash8([hash53(JSON.stringify([check.id, object.id, first?.container ?? '']))])
  const replacements = item.result === 'fail' ? (options.fixOf?.(item) ?? []) : []
  const related = others.flatMap(({ place, container }, index) =>
    place ? [{ id: index + 1, ...physical(place, options), message: { text: `also ${container ?? place.path}` } }] : [],
  )
  return {
    ruleId: check.id,
    ruleIndex,
    kind,
    level: kind === 'fail' ? levelOf(item.severity) : 'none',
    message: { text: message === '' ? check.title : `${objectText(object)}: ${message}` },
    locations: [{ ...(first?.place ? physical(first.place, options) : {}), logicalLocations: [logical(item, first)] }],
    ...(related.length > 0 ? { relatedLocations: related } : {}),
    // GitHub compares results of two runs by the first; it survives changes of lines.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'bulkheadResult/v1': fingerprint },
    ...(exception
      ? {
          suppressions: [
            {
              kind: exception.from === 'tree' ? 'inSource' : 'external',
              status: 'accepted',
              justification: acceptedText(exception),
            },
          ],
        }
      : {}),
    ...(item.known ? { properties: { known: true } } : {}),
    ...(replacements.length > 0 ? { fixes: [fix(check.title, replacements, options.names)] } : {}),
  }
}

function physical({ file, line, column, path }: Place, { names, lineText }: SarifOptions): object {
  const text = lineText?.(file, line)
  const end = text === undefined ? undefined : endOf(text, column, path)
  return {
    physicalLocation: {
      artifactLocation: artifact(file, names),
      region: {
        startLine: line,
        startColumn: column,
        endLine: line,
        ...(end === undefined ? {} : { endColumn: end }),
      },
    },
  }
}

/** The column behind the key where one stands there, else behind the line; 1-based, exclusive (SARIF 3.30.8). */
function endOf(text: string, column: number, path: string): number | undefined {
  const rest = text.slice(column - 1)
  const key = /[^.[\]"]+$/.exec(path)?.[0]
  const found = key === undefined ? undefined : [key, `"${key}"`, `'${key}'`].find((each) => rest.startsWith(each))
  const end = column + (found ?? rest.trimEnd()).length
  return end > column ? end : undefined
}

export function artifact(file: string, names: FileNames): object {
  return { uri: names.uri(file), ...(names.relative(file) === undefined ? {} : { uriBaseId: ROOT }) }
}

function logical({ object }: CheckItem, first: FoundOffence | undefined): object {
  const container = first?.container
  return {
    name: container ?? object.name,
    fullyQualifiedName: container === undefined ? object.id : `${object.id}/${container}`,
    kind: container === undefined ? object.kind : 'container',
  }
}

function fix(title: string, replacements: readonly Replacement[], names: FileNames): object {
  const changes = [...Map.groupBy(replacements, ({ file }) => file)].map(([file, changed]) => ({
    artifactLocation: artifact(file, names),
    replacements: changed.map(({ startLine, startColumn, endLine, endColumn, text }) => ({
      deletedRegion: { startLine, startColumn, endLine, endColumn },
      insertedContent: { text },
    })),
  }))
  return { description: { text: `Repairs: ${title}` }, artifactChanges: changes }
}

function notification({ code, message, file, line, column }: Problem, names: FileNames): object {
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } }
  return {
    descriptor: { id: code },
    level: 'error',
    message: { text: message },
    ...(file === undefined
      ? {}
      : { locations: [{ physicalLocation: { artifactLocation: artifact(file, names), ...region } }] }),
  }
}
