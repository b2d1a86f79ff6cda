import { type Problem, problem } from '../errors.ts'
import { type Input, type ReadOptions, readInputs } from '../observe/files/read.ts'
import { MEBIBYTE } from '../observe/files/source.ts'
import { clean } from '../report/text.ts'
import { EXIT, UsageError } from './exit.ts'
import type { CommonFlags } from './options.ts'
import { progress } from './progress.ts'

/**
 * What `-f` names; tells on standard error what could not be read. `act` runs while progress says `doing`. With `mayLack`
 * nothing need be named.
 */
export async function readCluster<T>(
  flags: CommonFlags,
  doing: string,
  act: (input: Input) => T | Promise<T>,
  options: Pick<ReadOptions, 'keepAll' | 'places' | 'readOnly'> & { readonly mayLack?: boolean } = {},
): Promise<{ input: Input; result: T; code: number }> {
  const names = flags.filename ?? []
  const isLacking = names.length === 0
  if (isLacking && options.mayLack !== true)
    throw new UsageError('name what to read: -f FILE, -f FOLDER -R, or -f - for standard input')
  const showing = progress(flags.quiet === true || !flags.progress)
  const input = await readInputs(names, {
    recursive: flags.recursive === true,
    stdin: process.stdin,
    ...options,
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
    limits: {
      ...(flags.maxInput === undefined ? {} : { source: flags.maxInput * MEBIBYTE, stream: flags.maxInput * MEBIBYTE }),
      ...(flags.maxObjects === undefined ? {} : { objects: flags.maxObjects }),
    },
    progress: (file, count) => showing.say(`Reading ${file} (${count} objects so far)`),
  })
  showing.say(`${doing} ${input.count} objects`)
  const result = await act(input)
  showing.done()
  if (flags.quiet !== true && !isLacking) notes(input, names)
  const unread = input.problems.length > 0 || (input.count === 0 && !isLacking)
  return { input, result, code: unread && flags.allowPartial !== true ? EXIT.partial : EXIT.ok }
}

const MOST_NOTES = 20
/** The minor versions that the vectors of oracle/ cover. */
const OLDEST = 28
const NEWEST = 37

export function tellVersion(minor: number): void {
  if (minor < OLDEST || minor > NEWEST)
    process.stderr.write(
      `Kubernetes 1.${minor} is outside 1.${OLDEST} to 1.${NEWEST}; the rules of the nearest are taken\n`,
    )
}

function notes({ problems, notRead, count }: Input, names: readonly string[]): void {
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
