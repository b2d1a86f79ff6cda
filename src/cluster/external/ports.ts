import type { Found } from './found.ts'
import { wordsOf } from './key-name.ts'
import type { Value } from './values.ts'

/** What a URL without a port means. */
const OF_SCHEME: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['ws', 80],
  ['https', 443],
  ['wss', 443],
  ['ssh', 22],
  ['ftp', 21],
  ['ldap', 389],
  ['ldaps', 636],
  ['smtp', 25],
  ['smtps', 465],
  ['imap', 143],
  ['imaps', 993],
  ['postgres', 5432],
  ['postgresql', 5432],
  ['mysql', 3306],
  ['mariadb', 3306],
  ['mongodb', 27017],
  ['redis', 6379],
  ['rediss', 6379],
  ['valkey', 6379],
  ['amqp', 5672],
  ['amqps', 5671],
  ['nats', 4222],
  ['kafka', 9092],
  ['clickhouse', 9000],
  ['cassandra', 9042],
  ['mqtt', 1883],
  ['mqtts', 8883],
  ['sqlserver', 1433],
  ['oracle', 1521],
  ['bolt', 7687],
  ['neo4j', 7687],
  ['rtsp', 554],
])

/** The port of a connection: as written, else of the variable beside it (`DB_HOST`, `DB_PORT`), else of the scheme. */
export function portsOf(values: readonly Value[]): (found: Found, value: Value) => number | undefined {
  const byStem = new Map<string, number>()
  for (const { key, text, isFile } of values) {
    if (isFile || !/^\d{1,5}$/.test(text)) continue
    const stem = stemBefore(key, 'PORT')
    if (stem !== undefined && Number(text) > 0 && Number(text) < 65_536) byStem.set(stem, Number(text))
  }
  return ({ port, scheme }, { key, isFile }) => {
    if (port !== undefined) return port
    const stem =
      isFile || byStem.size === 0
        ? undefined
        : HOST_ENDINGS.map((ending) => stemBefore(key, ending)).find((each) => each !== undefined)
    return (
      (stem === undefined ? undefined : byStem.get(stem)) ?? (scheme === undefined ? undefined : OF_SCHEME.get(scheme))
    )
  }
}

const HOST_ENDINGS = ['HOSTNAME', 'HOST', 'ADDRESS', 'ADDR', 'SERVER', 'ENDPOINT', 'URL']

/** `MYSQL_DB` of `MYSQL_DB_PORT`, `PG` of `PGPORT`; undefined when the key has another ending. */
function stemBefore(key: string, ending: string): string | undefined {
  const words = wordsOf(key).join('_')
  return words.endsWith(ending) ? words.slice(0, -ending.length).replace(/_$/, '') : undefined
}
