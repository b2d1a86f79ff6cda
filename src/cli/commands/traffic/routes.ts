import type { Json } from '../../../cluster/json.ts'
import { at, number, string } from '../../../cluster/json.ts'
import type { Capacity } from '../../../engines/traffic/effective/judging.ts'
import { routeFindings } from '../../../engines/traffic/routes/findings/findings.ts'
import { routingOf } from '../../../engines/traffic/routes/routes.ts'
import { jsonLines } from '../../../report/json.ts'
import { routesCsv, routesDocument } from '../../../report/traffic/routes.ts'
import { routesLines, routesMarkdown } from '../../../report/traffic/routes-screen.ts'
import { yamlText } from '../../../report/yaml.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { isAtLeast } from '../../fail-on.ts'
import { targetsOf, write } from '../../output.ts'
import { settingsFile } from '../../settings.ts'
import { terminal } from '../../terminal.ts'
import { readTraffic } from './cluster.ts'
import { rangesOf } from './front.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'md'] as const

export interface RoutesFlags extends TrafficFlags {
  readonly capacity?: readonly string[]
  readonly ranges?: readonly string[]
  readonly failOn?: string
}

/** Every route from outside, and whether its limits work. */
export async function routes(flags: RoutesFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const trusted = flags.trustTree === true ? [] : (flags.filename ?? [])
  const capacities = (flags.capacity ?? []).map((name) => capacityOf(settingsFile(name, trusted), name))
  const ranges = flags.ranges === undefined ? {} : { ranges: rangesOf(flags) }
  const { cluster, known, code } = await readTraffic(flags, 'Judging')
  const routing = routingOf(cluster, known, { ...ranges, ...(capacities.length === 0 ? {} : { capacities }) })
  const told = { cluster, routing, findings: [...routeFindings(cluster, known, routing)] }
  for (const target of targets) {
    const screen = (wide: boolean) =>
      function* (): Generator<string> {
        for (const line of routesLines(told, terminal(process.stdout, target.file !== undefined), wide))
          yield `${line}\n`
      }
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: screen(false),
      wide: screen(true),
      json: () => jsonLines(routesDocument(told)),
      yaml: () => [yamlText(JSON.parse(JSON.stringify(routesDocument(told))))],
      csv: () => routesCsv(told),
      md: () => routesMarkdown(told),
    }
    await write(pieces[target.format](), target)
  }
  if (code !== EXIT.ok) return code
  return told.findings.some(({ severity }) => isAtLeast(severity, flags.failOn)) ? EXIT.findings : EXIT.ok
}

/** What `traffic probe -o json` wrote. */
function capacityOf(document: Json, file: string): Capacity {
  const url = string(at(document, 'target', 'url'))
  const low = number(at(document, 'capacity', 'low'))
  if (at(document, 'kind') !== 'TrafficProbe' || url === undefined)
    throw new UsageError(`${file}: expected what \`traffic probe -o json\` writes (TrafficProbe)`)
  if (low === undefined) throw new UsageError(`${file}: the probe found no capacity`)
  const route = string(at(document, 'against', 'route'))
  return {
    url,
    low,
    // Of what held all that it was sent only the least is known.
    high: number(at(document, 'capacity', 'high')) ?? Number.POSITIVE_INFINITY,
    ...(route === undefined ? {} : { route }),
  }
}
