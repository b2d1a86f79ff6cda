import { migrationOf } from '../../../engines/traffic/migrate/migration.ts'
import type { MoveTarget } from '../../../engines/traffic/migrate/tools.ts'
import { routingOf } from '../../../engines/traffic/routes/routes.ts'
import { jsonLines } from '../../../report/json.ts'
import { migrationDocument, migrationYaml } from '../../../report/traffic/migrate.ts'
import { migrationLines, migrationMarkdown } from '../../../report/traffic/migrate-screen.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { readTraffic } from './cluster.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'json', 'yaml', 'md'] as const

export interface MigrateFlags extends TrafficFlags {
  readonly to?: MoveTarget
}

/** What limits a move away from ingress-nginx would lose, and the objects that keep them. */
export async function migrate(flags: MigrateFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const { cluster, known, code } = await readTraffic(flags, 'Judging')
  const told = { cluster, migration: migrationOf(routingOf(cluster, known), flags.to ?? 'envoy-gateway') }
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () => screen(told, target.file !== undefined),
      json: () => jsonLines(migrationDocument(told)),
      yaml: () => migrationYaml(told),
      md: () => migrationMarkdown(told),
    }
    await write(pieces[target.format](), target)
  }
  return code
}

function* screen(told: Parameters<typeof migrationLines>[0], isFile: boolean): Generator<string> {
  for (const line of migrationLines(told, terminal(process.stdout, isFile))) yield `${line}\n`
}
