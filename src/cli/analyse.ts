import { readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { type ApplicationConfig, decodeApplicationConfig, onlyKeys } from '../cluster/application/config.ts'
import { field, isObject, type Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { type Problem, problem } from '../errors.ts'
import { type Analysis, analyse, type Options } from '../loop.ts'
import { readInputs } from '../observe/files/read.ts'
import { MEBIBYTE } from '../observe/files/source.ts'
import { EQUAL, parseWeights, type Weights } from '../radius/weights.ts'
import { clean } from '../report/text.ts'
import { EXIT, UsageError } from './exit.ts'
import { progress } from './progress.ts'
import type { CommonFlags } from './run.ts'

/** Reads what the flags name and judges it; tells on standard error what could not be read. */
export async function analyseInput(
  flags: CommonFlags,
): Promise<{ analysis: Analysis; options: Options; code: number }> {
  const names = flags.filename ?? []
  if (names.length === 0) throw new UsageError('name what to read: -f FILE, -f FOLDER -R, or -f - for standard input')
  const options = settings(flags, names)
  const showing = progress(flags.quiet === true || !flags.progress)
  const input = await readInputs(names, {
    recursive: flags.recursive === true,
    stdin: process.stdin,
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
    limits: {
      ...(flags.maxInput === undefined ? {} : { source: flags.maxInput * MEBIBYTE, stream: flags.maxInput * MEBIBYTE }),
      ...(flags.maxObjects === undefined ? {} : { objects: flags.maxObjects }),
    },
    progress: (file, count) => showing.say(`Reading ${file} (${count} objects so far)`),
  })
  showing.say(`Judging ${input.count} objects`)
  const analysis = analyse(input, options)
  showing.done()
  if (flags.quiet !== true) {
    notes(input.problems, input.notRead, input.count, names)
    const { minor } = analysis.cluster.version
    if (minor < OLDEST || minor > NEWEST)
      process.stderr.write(
        `Kubernetes 1.${minor} is outside 1.${OLDEST} to 1.${NEWEST}; the rules of the nearest are taken\n`,
      )
  }
  const unread = input.problems.length > 0 || input.count === 0
  return { analysis, options, code: unread && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}

const MOST_NOTES = 20
/** The minor versions that the vectors of oracle/ cover. */
const OLDEST = 28
const NEWEST = 37

function notes(
  problems: readonly Problem[],
  notRead: readonly string[],
  count: number,
  names: readonly string[],
): void {
  tellProblems(problems, '; all with -o json under inputs.unreadable')
  const lines: string[] = []
  if (notRead.length > 0) lines.push(`${notRead.length} folders inside were not read; add -R`)
  if (count === 0) lines.push(formatProblem(problem('BH_NOTHING', { what: names.join(', ') })))
  for (const line of lines) process.stderr.write(`${clean(line)}\n`)
}

export function tellProblems(problems: readonly Problem[], all = ''): void {
  for (const each of problems.slice(0, MOST_NOTES)) process.stderr.write(`${clean(formatProblem(each))}\n`)
  if (problems.length > MOST_NOTES) process.stderr.write(`and ${problems.length - MOST_NOTES} more${all}\n`)
}

function formatProblem({ code, message, file, line, column }: Problem): string {
  const place =
    file === undefined
      ? ''
      : line === undefined
        ? `${file}: `
        : `${file}:${line}${column === undefined ? '' : `:${column}`}: `
  return `${place}${message} [${code}]`
}

function settings(flags: CommonFlags, scanned: readonly string[]): Options {
  const untrusted = flags.trustTree === true ? [] : scanned
  return {
    enforced: flags.enforced,
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
    ...(flags.weights === undefined ? {} : { weights: weightsOf(flags.weights, untrusted) }),
    ...(flags.config === undefined ? {} : { applications: configOf(flags.config, untrusted) }),
  }
}

function weightsOf(name: string, scanned: readonly string[]): Weights {
  if (name === 'equal') return EQUAL
  const weights = parseWeights(settingsFile(name, scanned))
  if (typeof weights === 'string') throw new UsageError(`${name}: ${weights}`)
  return weights
}

function configOf(name: string, scanned: readonly string[]): ApplicationConfig {
  const file = settingsFile(name, scanned)
  if (!isObject(file)) throw new UsageError(`${name}: not a mapping with the key applications`)
  const problems: string[] = []
  onlyKeys(file, ['applications'], '', (_, problem) => problems.push(problem.slice(2)))
  const { config, problems: more } = decodeApplicationConfig(field(file, 'applications'))
  problems.push(...more)
  if (problems.length > 0) throw new UsageError(`${name}: ${problems.join('; ')}`)
  return config
}

/** What is scanned never configures the scan (SECURITY.md). */
function settingsFile(name: string, scanned: readonly string[]): Json {
  const path = resolve(name)
  const inside = scanned.find(
    (each) => each !== '-' && (path === resolve(each) || path.startsWith(resolve(each) + sep)),
  )
  if (inside !== undefined)
    throw new UsageError(
      `${name} lies inside ${inside}, which is being scanned; what is scanned must not configure the scan (--trust-tree lets it)`,
    )
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`)
  }
  const parsed = parseYaml(text)
  if (parsed.problem) throw new UsageError(`${name}:${parsed.problem.line + 1}: ${parsed.problem.message}`)
  return parsed.value
}
