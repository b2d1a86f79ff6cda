import { idParts } from '../../cluster/object.ts'
import { subjectId } from '../../cluster/rbac.ts'
import { parseSubject } from '../../cluster/subject-text.ts'
import type { Analysis } from '../../loop.ts'
import type { JudgedEntry } from '../../radius/judge.ts'
import { radiusItem } from '../../report/build.ts'
import { jsonText } from '../../report/json.ts'
import { API_VERSION, type RadiusItem } from '../../report/report.ts'
import type { Terminal } from '../../report/style.ts'
import { table, wrap } from '../../report/table.ts'
import { chanceText, counted, percent } from '../../report/text.ts'
import { nodeText } from '../../report/words.ts'
import { analyseInput } from '../analyse.ts'
import { UsageError } from '../exit.ts'
import type { CommonFlags } from '../options.ts'
import { targetsOf, write } from '../output.ts'
import { terminal } from '../terminal.ts'

const FORMATS = ['table', 'json'] as const

/** What each entry controls and is in contact with; of one application when it is named. */
export async function radius(flags: CommonFlags, wanted: string | undefined): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const { analysis, code } = await analyseInput(flags)
  const entries = wanted === undefined ? analysis.entries : named(analysis.entries, wanted)
  for (const target of targets) {
    const term = terminal(process.stdout, target.file !== undefined)
    await write(
      target.format === 'json' ? document(analysis, entries) : screen(analysis, entries, wanted !== undefined, term),
      target,
    )
  }
  return code
}

/** Entries of the application, or the one entry, of this id, subject, namespace/name or name. */
function named(entries: readonly JudgedEntry[], wanted: string): readonly JudgedEntry[] {
  const subject = parseSubject(wanted)
  const asSubject = subject && subjectId(subject)
  const matches = (id: string | undefined): boolean => {
    if (id === undefined) return false
    if (id === asSubject) return true
    const { namespace, name } = idParts(id)
    return id === wanted || name === wanted || `${namespace}/${name}` === wanted
  }
  const found = entries.filter((entry) => matches(entry.application))
  const chosen = found.length > 0 ? found : entries.filter((entry) => matches(entry.id))
  if (chosen.length === 0)
    throw new UsageError(`no application and no entry is named ${wanted}; bulkhead apps lists the applications`)
  return chosen
}

/** One item a line, made one at a time: a large cluster's list is never held as a whole. */
function* document(analysis: Analysis, entries: readonly JudgedEntry[]): Generator<string> {
  yield `{\n  "apiVersion": ${JSON.stringify(API_VERSION)},\n  "kind": "RadiusList",\n  "items": [\n`
  for (const [at, entry] of entries.entries())
    yield `    ${jsonText(radiusItem(analysis, entry))}${at === entries.length - 1 ? '' : ','}\n`
  yield '  ]\n}\n'
}

function* screen(
  analysis: Analysis,
  entries: readonly JudgedEntry[],
  detailed: boolean,
  term: Terminal,
): Generator<string> {
  if (detailed && entries.length <= 12) {
    for (const entry of entries) yield* detail(analysis, entry, term)
    return
  }
  const columns = [
    { title: 'ENTRY', least: 34 },
    { title: 'KIND', least: 10, spare: 1 },
    { title: 'EXPOSED' },
    { title: 'CONTROLS', right: true as const },
    { title: 'CONTACT', right: true as const, spare: 2 },
    { title: 'LOSS', right: true as const },
    { title: 'OF RISK', right: true as const },
    { title: 'CLASS', right: true as const, spare: 3 },
  ]
  const rows = entries.map(({ id, kind, exposed, reach, weight }) => [
    nodeText(id),
    kind,
    kind === 'credential' ? '' : exposed,
    `${reach.controlled.items.length}/${analysis.assets.length}`,
    String(reach.contacted),
    percent(reach.share),
    percent(analysis.risk.total === 0 ? 0 : (weight * reach.share) / analysis.risk.total),
    String(reach.group),
  ])
  for (const line of table(columns, rows, term.width)) yield `${line}\n`
}

function* detail(analysis: Analysis, entry: JudgedEntry, term: Terminal): Generator<string> {
  const item = radiusItem(analysis, entry)
  const titles = new Map(analysis.assets.map((asset) => [asset.id, asset]))
  yield `${term.bold(`${nodeText(entry.id)} breached: ${item.control.length} of ${analysis.assets.length} assets under control, ${item.contact.length} in contact`)}\n`
  yield* wrap(`Expected loss ${percent(item.risk)} of all value.${chokeText(item)}`, term.width).map(
    (line) => `${line}\n`,
  )
  const columns = [
    { title: 'ASSET', least: 20 },
    { title: 'REACH' },
    { title: 'CHANCE', right: true as const },
    { title: 'VALUE', right: true as const, spare: 1 },
    { title: 'STEPS', right: true as const },
    { title: 'BY', least: 24 },
  ]
  const row = (asset: string, chance: number, path: readonly string[]): string[] => {
    const known = titles.get(asset)
    return [
      known?.title ?? asset,
      chance === 1 ? 'control' : 'contact',
      chanceText(chance),
      String(known?.value ?? ''),
      String(path.length),
      byText(path),
    ]
  }
  const rows = [
    ...item.control.map(({ asset, path }) => row(asset, 1, path)),
    ...item.contact.map(({ asset, chance, path }) => row(asset, chance, path)),
  ]
  for (const line of table(columns, rows, term.width)) yield `${line}\n`
  yield '\n'
}

const JOINTS = new Set(['contains', 'sends', 'receives'])

/** The kinds of the steps, one after another. */
function byText(path: readonly string[]): string {
  if (path.length === 0) return 'is its own'
  return path
    .map((edge) => edge.slice(0, edge.indexOf('|')))
    .filter((kind) => !JOINTS.has(kind))
    .join(' > ')
}

function chokeText({ chokePoints }: RadiusItem): string {
  const points = chokePoints
    .slice(0, 3)
    .map(({ node, assets }) => `${nodeText(node)} (${counted(assets, 'asset')} behind it)`)
  return points.length === 0 ? '' : ` Choke points: ${points.join(', ')}.`
}
