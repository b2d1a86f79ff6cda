import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { compare } from '../../../engines/traffic/capacity/compare.ts'
import type { Found } from '../../../engines/traffic/capacity/found.ts'
import type { Measured } from '../../../engines/traffic/capacity/measured.ts'
import { type Watched, watched } from '../../../engines/traffic/capacity/watched.ts'
import { type Allowed, decodeAllowed } from '../../../observe/probe/allow.ts'
import { Sender, type SenderOptions } from '../../../observe/probe/sender.ts'
import type { Caps } from '../../../observe/probe/step.ts'
import { openTarget, type Pinned } from '../../../observe/probe/target.ts'
import { jsonLines } from '../../../report/json.ts'
import { type Probed, probeDocument, type TrafficProbe } from '../../../report/traffic/probe.ts'
import { probeHtml } from '../../../report/traffic/probe-html.ts'
import { k6Script } from '../../../report/traffic/probe-k6.ts'
import { probeScreen } from '../../../report/traffic/probe-screen.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { type Target, targetsOf, write } from '../../output.ts'
import { progress } from '../../progress.ts'
import { settingsFile } from '../../settings.ts'
import { terminal } from '../../terminal.ts'
import { type Against, againstOf } from './probe-against.ts'
import { liveText } from './probe-live.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'json', 'html'] as const
const MEBIBYTE = 1024 ** 2
const LIVE_MS = 100

export interface ProbeFlags extends TrafficFlags {
  readonly allow?: string
  readonly maxRequests?: number
  readonly maxSeconds?: number
  readonly maxInFlight?: number
  readonly timeout?: number
  readonly header?: readonly string[]
  readonly limitCode?: readonly number[]
  readonly pods?: number
  readonly route?: string
  readonly k6?: string
}

/** Finds the capacity of a service by load; beside the limit and the autoscaler of its route where `-f` and `--route` name them. */
export async function probe(flags: ProbeFlags, [text = '']: readonly string[]): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const caps: Caps = {
    requests: flags.maxRequests ?? 5_000,
    seconds: flags.maxSeconds ?? 60,
    inFlight: flags.maxInFlight ?? 256,
    bytes: 256 * MEBIBYTE,
    timeout: flags.timeout ?? 10,
  }
  const headers = headersOf(flags.header ?? [])
  const against = await againstOf(flags, text)
  const opened = await openTarget(text, allowedOf(flags))
  if ('refusal' in opened) throw new UsageError(opened.refusal)
  const { target } = opened
  if (flags.k6 !== undefined) {
    writeScript(flags.k6, k6Script({ target, headers: Object.keys(headers), caps, capacity: undefined }))
    return against?.code ?? EXIT.ok
  }
  const limitCodes = new Set([...(flags.limitCode ?? []), ...(against?.codes ?? [])])
  const { probed, isInterrupted } = await run(target, caps, { headers, limitCodes }, flags, against)
  const document = probeDocument(probed)
  for (const each of targets) await write(pieces(document, each), each)
  return isInterrupted ? EXIT.interrupted : (against?.code ?? EXIT.ok)
}

function pieces(document: TrafficProbe, target: Target): Iterable<string> {
  if (target.format === 'json') return jsonLines(document)
  if (target.format === 'html') return probeHtml(document)
  return [...probeScreen(document, terminal(process.stdout, target.file !== undefined))].map((line) => `${line}\n`)
}

async function run(
  target: Pinned,
  caps: Caps,
  options: SenderOptions,
  flags: ProbeFlags,
  against: Against | undefined,
): Promise<{ readonly probed: Probed; readonly isInterrupted: boolean }> {
  const time = new Date().toISOString()
  const showing = progress(flags.quiet === true || !flags.progress)
  const sender = new Sender(target, caps, options)
  const interrupt = (): void => sender.stop('asked')
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const live = setInterval(() => {
    const state = sender.live()
    if (state) showing.say(liveText(state, sender.used, caps))
  }, LIVE_MS)
  try {
    const { found, held } = toldOf(await searched(sender, caps), sender)
    return {
      probed: probedOf({ target, time, found, caps, used: sender.used, held }, flags, against),
      isInterrupted: sender.stopped === 'asked',
    }
  } finally {
    clearInterval(live)
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    showing.done()
    sender.close()
  }
}

interface Searched {
  readonly found: Found
  readonly held: ReadonlyMap<Measured, boolean | undefined>
}

/** The search is told that it was stopped, and not why. */
function toldOf({ found, held }: Searched, { stopped }: Sender): Searched {
  if (stopped !== 'bytes') return { found, held }
  const why = 'The most that is read of answers, 256 MiB, was read; name a URL whose answers are smaller.'
  return { found: { ...found, reasons: [...found.reasons, why] }, held }
}

async function searched(sender: Sender, caps: Caps): Promise<Searched> {
  const machine = watched(caps)
  let turn = machine.next()
  while (!turn.done) turn = machine.next(await sender.take(turn.value))
  return turn.value satisfies Watched
}

function probedOf(
  made: Pick<Probed, 'target' | 'time' | 'found' | 'caps' | 'used' | 'held'>,
  { pods }: ProbeFlags,
  against: Against | undefined,
): Probed {
  // A port of this machine leads to one process: `kubectl port-forward` chooses one pod.
  const answering: Probed['answering'] =
    pods !== undefined
      ? { count: pods, from: 'flag' }
      : against === undefined
        ? undefined
        : made.target.isLoopback
          ? { count: 1, from: 'address' }
          : against.growth?.now === undefined || against.growth.now < 1
            ? undefined
            : { count: against.growth.now, from: 'cluster' }
  return {
    ...made,
    machine: { load: loadavg()[0] ?? 0, cpus: availableParallelism() },
    answering,
    against: against && {
      route: against.route.id,
      workloads: against.route.target.workloads,
      podsNow: against.growth?.now,
      comparison: compare(made.found, answering, against.route.limits, against.growth),
    },
  }
}

function allowedOf({ allow, filename = [], trustTree }: ProbeFlags): readonly Allowed[] {
  if (allow === undefined) return []
  const allowed = decodeAllowed(settingsFile(allow, trustTree === true ? [] : filename))
  if (typeof allowed === 'string') throw new UsageError(`${allow}: ${allowed}`)
  return allowed
}

/** Headers that decide where a request goes, or how long it is, belong to the sender. */
const OWN = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'keep-alive',
  'te',
])

function headersOf(texts: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>()
  for (const text of texts) {
    const parts = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text)
    if (!parts) throw new UsageError('--header: expected `Name: value`')
    const name = (parts[1] as string).toLowerCase()
    if (OWN.has(name)) throw new UsageError(`--header ${name}: it is set by the sender`)
    headers.set(name, parts[2] as string)
  }
  return Object.fromEntries(headers)
}

function writeScript(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(`${file}: cannot write: ${(error as Error).message}`)
  }
}
