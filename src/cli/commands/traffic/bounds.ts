import { type Bounds, boundsOf } from '../../../engines/traffic/bounds/bill.ts'
import { boundFindings } from '../../../engines/traffic/bounds/findings.ts'
import { ageOf } from '../../../engines/traffic/prices/age.ts'
import type { PriceBook } from '../../../engines/traffic/prices/price-book.ts'
import { SHIPPED } from '../../../engines/traffic/prices/shipped.ts'
import { userTable } from '../../../engines/traffic/prices/user-table.ts'
import { jsonLines } from '../../../report/json.ts'
import { boundsCsv, boundsDocument } from '../../../report/traffic/bounds.ts'
import { boundsLines, boundsMarkdown } from '../../../report/traffic/bounds-screen.ts'
import { yamlPieces } from '../../../report/yaml.ts'
import { cloudOf } from '../../cloud.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { isAtLeast } from '../../fail-on.ts'
import { targetsOf, write } from '../../output.ts'
import { settingsFile } from '../../settings.ts'
import { terminal } from '../../terminal.ts'
import { readTraffic } from './cluster.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'md'] as const

export interface BoundsFlags extends TrafficFlags {
  readonly prices?: string
  readonly headroom?: number
  readonly caps?: boolean
  readonly failOn?: string
}

/** The most that everything can grow, what caps it, and the worst bill; with `--caps` the objects that cap it. */
export async function bounds(flags: BoundsFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const prices = pricesOf(flags)
  const { cloud, code: exported } = await cloudOf(flags)
  const { cluster, known, code: read } = await readTraffic(flags, 'Bounding')
  const { limits: pools = [], pools: machines = [] } = cloud?.nodes ?? {}
  const input = { prices, exposed: known.exposures(), pools, machines }
  const found = boundsOf(cluster, input)
  const code = Math.max(read, exported)
  if (flags.caps === true) {
    const { writeCaps } = await import('./bounds-caps.ts')
    return Math.max(code, await writeCaps(flags, cluster, found, input, targets[0]))
  }
  const findings = [...boundFindings(cluster, known, found)]
  const told = { cluster, bounds: found, findings, prices: ageOf(prices, tablesOf(found), Date.now()) }
  for (const target of targets) {
    const screen = (wide: boolean) => (): Iterable<string> =>
      boundsLines(told, terminal(process.stdout, target.file !== undefined), wide).map((line) => `${line}\n`)
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: screen(false),
      wide: screen(true),
      json: () => jsonLines(boundsDocument(told)),
      yaml: () => yamlPieces(boundsDocument(told)),
      csv: () => boundsCsv(told),
      md: () => boundsMarkdown(told),
    }
    await write(pieces[target.format](), target)
  }
  if (code !== EXIT.ok) return code
  return findings.some(({ severity }) => isAtLeast(severity, flags.failOn)) ? EXIT.findings : EXIT.ok
}

function tablesOf({ nodes }: Bounds): ReadonlySet<string> {
  return new Set(nodes.flatMap(({ quote }) => (quote ? [quote.from] : [])))
}

function pricesOf({ prices, filename, trustTree }: BoundsFlags): PriceBook {
  if (prices === undefined) return SHIPPED
  const table = userTable(settingsFile(prices, trustTree === true ? [] : (filename ?? [])), prices, SHIPPED)
  if (typeof table === 'string') throw new UsageError(`${prices}: ${table}`)
  return table
}
