// Runs the programs of one control plane and outlives the tests just long enough to stop them: when its standard input ends, be it
// that the tests asked for it or that they crashed or were killed, it stops what it started and removes the folder. Takes one JSON
// line a program ({"file", "args", "log"}), and tells the end of one as a line of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const GRACE_MS = 5_000

const folder = process.argv[2]!
const children: ChildProcess[] = []

function start(line: string) {
  const { file, args, log } = JSON.parse(line) as { file: string; args: string[]; log: string }
  const output = openSync(log, 'a')
  const child = spawn(file, args, { cwd: folder, stdio: ['ignore', output, output] })
  const tell = (why: string) => process.stdout.write(`${JSON.stringify({ file, why })}\n`)
  child.once('error', (error) => tell(error.message))
  child.once('exit', (code, signal) => tell(`it ended with ${signal ?? code}`))
  children.push(child)
}

function running(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running(child)) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await ended
  clearTimeout(timer)
}

// Whoever reads the lines may be gone before those who write them are.
process.stdout.on('error', () => undefined)
// An interrupt of the terminal is for the tests; their end is what counts here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
for await (const line of createInterface({ input: process.stdin })) start(line)
for (const child of children.reverse()) await stop(child)
rmSync(folder, { recursive: true, force: true })
process.exit(0)
