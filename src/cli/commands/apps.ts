import { buildReport } from '../../report/build.ts'
import { jsonLines } from '../../report/json.ts'
import { API_VERSION, type Report } from '../../report/report.ts'
import type { Terminal } from '../../report/style.ts'
import { table, wrap } from '../../report/table.ts'
import { clean, counted, percent } from '../../report/text.ts'
import { yamlText } from '../../report/yaml.ts'
import { analyseInput } from '../analyse.ts'
import type { CommonFlags } from '../options.ts'
import { targetsOf, write } from '../output.ts'
import { terminal } from '../terminal.ts'

const FORMATS = ['table', 'json', 'yaml', 'name'] as const

/** The applications of a cluster with the evidence for each. */
export async function apps(flags: CommonFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const { analysis, code } = await analyseInput(flags)
  const report = buildReport(analysis)
  for (const target of targets) {
    const document = {
      apiVersion: API_VERSION,
      kind: 'ApplicationList',
      coverage: report.coverage,
      items: report.applications,
    }
    const lines = (): readonly string[] => screen(report, terminal(process.stdout, target.file !== undefined))
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () => lines().map((line) => `${line}\n`),
      json: () => jsonLines(document),
      yaml: () => [yamlText(document)],
      name: () => report.applications.map((application) => `${clean(application.id)}\n`),
    }
    await write(pieces[target.format](), target)
  }
  return code
}

const STEPS: Readonly<Record<number, string>> = {
  1: 'configuration',
  2: 'own mark',
  3: 'GitOps owner',
  4: 'part-of or instance',
  5: 'Helm release',
  6: 'name label',
  8: 'unresolved',
}

function screen({ applications, coverage }: Report, term: Terminal): readonly string[] {
  const columns = [
    { title: 'APPLICATION', least: 16 },
    { title: 'NAMESPACES', least: 12 },
    { title: 'OWNER' },
    { title: 'WORKLOADS', right: true as const },
    { title: 'OBJECTS', right: true as const, spare: 2 },
    { title: 'EXPOSED' },
    { title: 'RISK', right: true as const },
    { title: 'FOUND BY', least: 20, spare: 1 },
  ]
  const rows = applications.map((application) => [
    application.name,
    application.namespaces.join(','),
    application.owner ?? '',
    String(application.workloads.length),
    String(application.members),
    application.exposed,
    percent(application.risk),
    STEPS[application.step] ?? String(application.step),
  ])
  const { resources, resolved } = coverage.objects
  const line =
    resources === 0
      ? 'The input holds nothing that could belong to an application.'
      : `Of ${counted(resources, 'resource')}, ${percent(resolved / resources)} in applications that somebody named; ${coverage.unresolved.length} in none.`
  return [...table(columns, rows, term.width), '', ...wrap(line, term.width)]
}
