// Evenly paced load: by hey, and by a pacer that knows addresses, headers and single answers.
import { execFile } from 'node:child_process'
import { Agent, request } from 'node:http'
import { promisify } from 'node:util'
import { installed } from './programs.ts'

/** How many requests were answered with which code. */
export type Answers = ReadonlyMap<number, number>

export function count(answers: Answers, ...codes: readonly number[]): number {
  return codes.reduce((sum, code) => sum + (answers.get(code) ?? 0), 0)
}

export function total(answers: Answers): number {
  return [...answers.values()].reduce((sum, each) => sum + each, 0)
}

/** `hey -q`: workers with a ticker each. Undefined where hey is not installed. */
export async function hey(url: string, perSecond: number, seconds: number): Promise<Answers | undefined> {
  const command = installed('hey')
  if (command === undefined) return undefined
  const workers = perSecond >= 400 ? 10 : perSecond >= 100 ? 5 : 1
  const rate = String(perSecond / workers)
  const args = ['-z', `${seconds}s`, '-c', String(workers), '-q', rate, '-o', 'csv', url]
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024 })
  const [head = '', ...lines] = stdout.trim().split('\n')
  const column = head.split(',').indexOf('status-code')
  const answers = new Map<number, number>()
  for (const line of lines) {
    const code = Number(line.split(',')[column])
    answers.set(code, (answers.get(code) ?? 0) + 1)
  }
  return answers
}

export interface Pace {
  readonly url: string
  readonly perSecond: number
  readonly seconds: number
  /** The address that the requests come from. */
  readonly from?: string
  readonly headers?: (n: number) => Readonly<Record<string, string>>
  /** Milliseconds between requests, of the n-th: evenly paced, if not given. */
  readonly gap?: (n: number) => number
}

/** Requests at their times, whatever the answers do: late ones are sent at once, none is left out. */
export async function paced({ url, perSecond, seconds, from, headers, gap }: Pace): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, ...(from ? { localAddress: from } : {}) })
  const answers = new Map<number, number>()
  const pending: Promise<void>[] = []
  const wanted = Math.round(perSecond * seconds)
  const began = performance.now()
  let due = 0
  for (let n = 0; n < wanted; n++) {
    const wait = began + due - performance.now()
    if (wait > 0.5) await new Promise((resolve) => setTimeout(resolve, wait))
    pending.push(
      send(url, agent, headers?.(n) ?? {}).then((code) => {
        answers.set(code, (answers.get(code) ?? 0) + 1)
      }),
    )
    due += gap === undefined ? 1000 / perSecond : gap(n)
  }
  await Promise.all(pending)
  agent.destroy()
  return answers
}

function send(url: string, agent: Agent, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, headers }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
      response.once('error', () => resolve(0))
    })
    sent.once('error', () => resolve(0))
    sent.end()
  })
}
