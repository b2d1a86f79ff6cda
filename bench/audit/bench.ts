import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AuditJson, events } from './events.ts'
import { type Form, linesOf, writeAudit } from './write.ts'

/**
 * What reading audit logs costs, whole processes: CPU seconds (user and system) and peak memory, the least of several runs.
 * `node bench/audit/bench.ts [COUNT]`; figures are for comparing on one machine, with nothing beside it.
 */
const COUNT = Number(process.argv[2] ?? 1_000_000)
const RUNS = Number(process.env.RUNS ?? 3)
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-audit-'))
const read = fileURLToPath(new URL('read.ts', import.meta.url))

function measure(name: string, file: string): void {
  const runs = Array.from({ length: RUNS }, () => {
    const run = spawnSync(process.execPath, ['--max-semi-space-size=8', read, file], { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(run.stderr.slice(0, 2000))
    return JSON.parse(run.stdout) as [records: number, unread: number, cpu: number, peakMiB: number]
  })
  const [records, unread] = runs[0] as (typeof runs)[number]
  const cpu = Math.min(...runs.map((run) => run[2])).toFixed(2)
  const peak = Math.min(...runs.map((run) => run[3]))
  const megabytes = (statSync(file).size / 1e6).toFixed(0)
  console.log(
    [name.padEnd(24), megabytes.padStart(8), records, unread, cpu, peak]
      .map((cell) => String(cell).padStart(10))
      .join(''),
  )
  rmSync(file)
}

/** Each request by somebody else, none of them answered. */
function* strangers(count: number): Generator<AuditJson> {
  let at = 0
  for (const event of events(2, count)) {
    const user = { username: `user-${at}`, groups: [`group-${at % 1000}`, 'system:authenticated'] }
    yield { ...event, user, stage: 'ResponseStarted', userAgent: `agent-${at++}` }
  }
}

function writeLongLine(path: string): void {
  writeAudit(path, 'v1', events(3, 1000))
  const file = openSync(path, 'a')
  const piece = 'x'.repeat(1 << 20)
  writeSync(file, '{"kind":"Event","requestObject":"')
  for (let count = 0; count < 300; count++) writeSync(file, piece)
  writeSync(file, '"}\n')
  for (const line of linesOf('v1', events(4, 1000))) writeSync(file, `${line}\n`)
  closeSync(file)
}

console.log(`Node ${process.version}, ${process.platform}; the least of ${RUNS} runs`)
console.log(['log', 'MB', 'requests', 'unread', 'CPU s', 'peak MiB'].map((cell) => cell.padStart(10)).join(''))
for (const form of ['v1', 'eks', 'gke', 'aks'] satisfies readonly Form[]) {
  const file = join(folder, `${form}.log`)
  writeAudit(file, form, events(1, COUNT))
  measure(form, file)
}
const users = join(folder, 'users.log')
writeAudit(users, 'v1', strangers(COUNT))
measure('distinct users', users)
const long = join(folder, 'long.log')
writeLongLine(long)
measure('a line of 300 MB', long)
rmSync(folder, { recursive: true, force: true })
