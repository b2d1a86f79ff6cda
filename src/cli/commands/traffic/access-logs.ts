import { setFlagsFromString } from 'node:v8'
import { type AccessLogs, openAccessLogs } from '../../../history/access-logs.ts'
import { givenFormat } from '../../../observe/access-log/formats.ts'
import type { Request } from '../../../observe/access-log/request.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { progress } from '../../progress.ts'
import { tellProblems } from '../../read.ts'
import { readOnce } from '../../standard-input.ts'
import type { TrafficFlags } from './register.ts'

export interface LogFlags extends TrafficFlags {
  readonly logFormat?: string
}

/** Opened logs, and the code of what could not be read. */
export interface OpenLogs {
  readonly logs: AccessLogs
  /** Tells what could not be read, and gives its exit code; once all is read. */
  finish(): number
}

/** The access logs that `--history` names. `classify` sends each request to its route. */
export async function openLogs(flags: LogFlags, classify?: (request: Request) => number): Promise<OpenLogs> {
  const paths = flags.history ?? []
  if (paths.length === 0) throw new UsageError('name what was recorded: --history PATH')
  readOnce({ '-f': flags.filename, '--history': paths })
  const format = flags.logFormat === undefined ? undefined : givenFormat(flags.logFormat)
  if (typeof format === 'string') throw new UsageError(`--log-format: ${format}`)
  // Columns of typed arrays are what grows; the heap beside them is small and is kept so.
  setFlagsFromString('--heap-growing-percent=20')
  const showing = progress(flags.quiet === true || !flags.progress)
  const logs = await openAccessLogs(paths, {
    stdin: process.stdin,
    progress: (file, requests) => showing.say(`Replaying ${file} (${requests} requests so far)`),
    ...(format ? { format } : {}),
    ...(classify ? { classify } : {}),
  })
  return {
    logs,
    finish() {
      showing.done()
      const problems = [...logs.problems, ...logs.coverage().problems]
      if (flags.quiet !== true) tellProblems(problems)
      return problems.length > 0 && flags.allowPartial !== true ? EXIT.partial : EXIT.ok
    },
  }
}
