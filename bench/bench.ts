import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { access } from './access.ts'
import { writeAccessLog } from './access-log/lines.ts'
import { bindings } from './bindings.ts'
import { meanRate, measureCel } from './cel.ts'
import { barePods, cluster, snapshot } from './generate.ts'
import { writeAudit, writeFlows } from './history.ts'
import { planted } from './planted.ts'
import { writeList, writeYaml } from './write.ts'

/**
 * CPU seconds (user and system), peak memory and size of whole runs of the command line at growing sizes, so that the
 * growth can be seen. Figures are for comparing on one machine: run nothing beside it.
 */
const RUNS = Number(process.env.RUNS ?? 3)

/** Of what is not the command line: some of those that bin/bulkhead has. */
const FLAGS = ['--max-semi-space-size=8', '--initial-old-space-size=256', '--no-concurrent-recompilation']

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
const bulkhead = fileURLToPath(new URL('../bin/bulkhead', import.meta.url))
const parse = fileURLToPath(new URL('parse.ts', import.meta.url))

interface Figures {
  readonly cpu: number
  readonly peakMiB: number
  readonly output: number
}

/** The least of several runs: what else the machine does only ever adds. */
function measure(args: readonly string[]): Figures {
  const runs = Array.from({ length: RUNS }, () => once(args))
  return {
    cpu: Math.min(...runs.map((run) => run.cpu)),
    peakMiB: Math.min(...runs.map((run) => run.peakMiB)),
    output: runs[0]?.output ?? 0,
  }
}

/** What reading a file alone costs. */
function reading(file: string): number {
  return Math.min(...Array.from({ length: RUNS }, () => probed(process.execPath, [...FLAGS, parse, file]).cpu))
}

/** The command as people start it, without what its shell script takes. */
function once(args: readonly string[]): Figures {
  const output = join(folder, 'output')
  const figures = probed(bulkhead, [...args, '--output-file', output])
  return { ...figures, output: statSync(output).size }
}

const PROBE = `import { resourceUsage } from 'node:process'; process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = resourceUsage(); process.stderr.write('\\nBENCH ' + JSON.stringify([(userCPUTime + systemCPUTime) / 1e6, maxRSS / 1024])) })`

function probed(command: string, args: readonly string[]): Omit<Figures, 'output'> {
  const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PROBE)}` }
  const run = spawnSync(command, args, { encoding: 'utf8', env })
  const line = /BENCH (\[.*\])/.exec(run.stderr)
  if (run.status !== 0 || !line)
    throw new Error(`${args.join(' ')} ended with ${run.status}: ${run.stderr.slice(0, 2000)}`)
  const [cpu, peakMiB] = JSON.parse(line[1] as string) as [number, number]
  return { cpu, peakMiB }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
const rows: string[][] = []

function row(name: string, file: string, args: readonly string[], count: number): void {
  rowOf(name, file, args, [...args, '-f', file], count)
}

function rowOf(name: string, file: string, args: readonly string[], whole: readonly string[], count: number): void {
  const figures = measure(whole)
  rows.push([
    name,
    megabytes(statSync(file).size),
    args.filter((arg) => !arg.startsWith(folder)).join(' '),
    figures.cpu.toFixed(2),
    ((figures.cpu / count) * 1e6).toFixed(0),
    figures.peakMiB.toFixed(0),
    megabytes(figures.output),
  ])
  print(rows.at(-1) as string[])
}

const WIDTHS = [22, 10, 40, 8, 10, 10, 10]
function print(cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, at) =>
        at === 0 || at === 2 ? cell.padEnd(WIDTHS[at] as number) : cell.padStart(WIDTHS[at] as number),
      )
      .join(' '),
  )
}

console.log(`Node ${process.version}, ${process.platform}; the least of ${RUNS} runs`)
print(['cluster', 'input MB', 'command', 'CPU s', 'us/object', 'peak MiB', 'output MB'])
for (const count of [100, 1_000, 10_000, 50_000]) {
  const file = join(folder, `cluster-${count}.yaml`)
  writeYaml(file, cluster(count))
  row(`${count} objects`, file, ['scan', '--no-plan'], count)
  if (count > 10_000) continue
  row(`${count} objects`, file, ['scan', '--no-plan', '-o', 'json'], count)
  row(`${count} objects`, file, ['scan'], count)
}
for (const pods of [2_500, 25_000]) {
  const file = join(folder, `snapshot-${pods}.json`)
  writeList(file, snapshot(pods))
  row(`${pods} pods`, file, ['scan', '--no-plan'], pods)
  row(`${pods} pods`, file, ['scan', '--no-plan', '-o', 'json'], pods)
  row(`${pods} pods`, file, ['scan', '--no-plan', '-o', 'html'], pods)
  row(`${pods} pods`, file, ['scan'], pods)
}
// The most that a run keeps: every one a workload and an application of its own.
for (const pods of [20_000, 200_000]) {
  const file = join(folder, `bare-${pods}.json`)
  writeList(file, barePods(pods))
  row(`${pods} bare pods`, file, ['scan', '--no-plan'], pods)
}
for (const count of [100, 1_000, 10_000]) {
  const file = join(folder, `planted-${count}.yaml`)
  writeYaml(file, planted(count))
  for (const profile of ['default', 'polaris', 'all'])
    row(`${count} objects`, file, ['policy', 'eval', '--profile', profile, '-o', 'json'], count)
  const cpu = Number((rows.at(-1) as string[])[3])
  const alone = reading(file)
  console.log(
    `${' '.repeat(23)}all checks took ${(cpu / alone).toFixed(1)} times reading it (${alone.toFixed(2)} CPU s)`,
  )
}
for (const count of [10_000, 100_000]) {
  const file = join(folder, `bindings-${count}.json`)
  writeList(file, bindings(count))
  row(`${count} bindings`, file, ['access', 'who-can', 'get', 'secrets', '-o', 'json'], count)
  row(
    `${count} bindings`,
    file,
    ['access', 'can', 'user:person-1@example.com', 'get', 'secrets', '-n', 'team-1'],
    count,
  )
  const { load, ask } = await access(file, RUNS)
  console.log(
    `${' '.repeat(23)}who-can took ${ask.toFixed(2)} CPU s after reading and indexing, which took ${load.toFixed(2)}`,
  )
}
{
  const rates = measureCel(1)
  for (const { name, perSecond } of rates)
    console.log(`CEL ${name.padEnd(30)} ${Math.round(perSecond)} evaluations a CPU second`)
  console.log(
    `CEL ${'mean of the ten'.padEnd(30)} ${Math.round(meanRate(rates))} evaluations a CPU second, costs counted`,
  )
}
{
  const file = join(folder, 'replayed.yaml')
  writeYaml(file, cluster(1_000))
  for (const records of [100_000, 1_000_000]) {
    const audit = join(folder, `audit-${records}`)
    const flows = join(folder, `flows-${records}`)
    writeAudit(audit, records, cluster(1_000))
    writeFlows(flows, records, cluster(1_000))
    const history = ['scan', '--steps', '20', '--history', audit, '--history', flows]
    row(`2 x ${records} records`, file, history, 2 * records)
    rmSync(audit)
    rmSync(flows)
  }
}
// About 280 bytes a line and a million distinct clients in ten million lines; the log tells seconds, so three limiters run.
for (const count of [1_000_000, 3_000_000, 10_000_000]) {
  const file = join(folder, `access-${count}.log`)
  writeAccessLog(file, count, 'upstreaminfo', { clients: 6_000_000, skew: 2, pages: 1.8, pagesPerSecond: 20 })
  const args = ['traffic', 'replay', '--limit', 'nginx rate=10r/s burst=50 nodelay']
  rowOf(`${count} requests`, file, args, [...args, '--history', file], count)
  rmSync(file)
}
rmSync(folder, { recursive: true })
