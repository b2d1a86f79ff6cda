// A real engine with a configuration of its own, on loopback; it ends with the test.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

export interface Engine {
  readonly url: string
  readonly port: number
  readonly folder: string
  /** What it has logged so far. */
  log(): string
  /** Until it has logged so many lines, or a second has passed. */
  logged(lines: number): Promise<string>
  stop(): Promise<void>
}

export interface Start {
  readonly port: number
  readonly folder: string
  /** The file that its configuration is written to. */
  readonly file: string
  readonly config: string
  readonly command: string
  readonly args: readonly string[]
  /** Where its access log is, where it is not its output. */
  readonly accessLog?: string
}

const READY_MS = 20_000

export function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `bulkhead-${name}-`))
  // The workers of nginx are nobody, and write bodies to files below it.
  chmodSync(folder, 0o755)
  return folder
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function start({ port, folder, file, config, command, args, accessLog }: Start): Promise<Engine> {
  writeFileSync(join(folder, file), config)
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  let ended = false
  const exit = new Promise<void>((resolve) =>
    child
      .once('error', (error) => {
        ended = true
        errors += error.message
        resolve()
      })
      .once('exit', () => {
        ended = true
        running.delete(child)
        resolve()
      }),
  )
  const until = Date.now() + READY_MS
  while (!(await answers(port))) {
    if (ended || Date.now() > until) {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      throw new Error(`${command} does not answer on ${port}: ${errors}${output.slice(-2000)}\n${config}`)
    }
    await setTimeout(50)
  }
  const log = (): string =>
    accessLog === undefined ? output : existsSync(accessLog) ? readFileSync(accessLog, 'utf8') : ''
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    folder,
    log,
    async logged(lines) {
      // Envoy and HAProxy write their logs a while after the answer.
      for (let n = 0; n < 40 && log().split('\n').length <= lines; n++) await setTimeout(50)
      return log()
    },
    async stop() {
      child.kill('SIGTERM')
      await Promise.race([exit, setTimeout(3000)])
      child.kill('SIGKILL')
      await exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Who asks whether an engine is ready: none of the clients of a test, so that no limit counts it. */
export const ASKER = '127.0.0.254'

/** Traefik listens before it knows any route, and answers 404 till then. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, localAddress: ASKER, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode !== 404)
    })
    asked.once('error', () => resolve(false))
  })
}
