// The programs of the control plane: built of Kubernetes' own modules, or taken from KUBEBUILDER_ASSETS.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The release of Kubernetes that go.mod names. */
export const KUBERNETES = 'v1.36.3'

export const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const
export type Program = (typeof PROGRAMS)[number]

/** Where each program is; one that is not there cannot be started. */
export type Programs = ReadonlyMap<Program, string>

const module = fileURLToPath(new URL('.', import.meta.url))
const SOURCES = ['go.mod', 'go.sum', 'main.go']

/** The folder of everything built, kept between runs: `BULKHEAD_E2E_CACHE`, else below the user's cache. */
function cache(): string {
  const base = process.env.BULKHEAD_E2E_CACHE ?? join(homedir(), '.cache', 'bulkhead', 'e2e')
  const hash = createHash('sha256')
  for (const name of SOURCES) hash.update(name).update(readFileSync(join(module, name)))
  return join(base, `${KUBERNETES}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`)
}

function programsIn(folder: string): Programs {
  const found = new Map<Program, string>()
  for (const name of PROGRAMS) if (existsSync(join(folder, name))) found.set(name, join(folder, name))
  return found
}

/** Without these values /version and every user agent would say v0.0.0-master: k8s.io/component-base/version/base.go. */
function linkerFlags(): string {
  const [major, minor] = KUBERNETES.slice(1).split('.')
  const values = {
    gitVersion: KUBERNETES,
    gitMajor: major,
    gitMinor: minor,
    gitCommit: 'unknown',
    gitTreeState: 'clean',
  }
  const flags = ['-s', '-w']
  for (const path of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'])
    for (const [name, value] of Object.entries(values)) flags.push('-X', `${path}.${name}=${value}`)
  return flags.join(' ')
}

async function goVersion(): Promise<string> {
  try {
    return (await promisify(execFile)('go', ['version'], { cwd: module })).stdout.trim()
  } catch (error) {
    throw new Error(
      'The control plane for tests is built with Go 1.26 or newer, and `go version` failed ' +
        `(${(error as Error).message.trim()}). Install Go, or name a folder that holds etcd and kube-apiserver in KUBEBUILDER_ASSETS.`,
    )
  }
}

async function compile(target: string): Promise<void> {
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(), '-o', target, '.']
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' }
  const child = spawn('go', args, { cwd: module, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve))
  if (code !== 0) throw new Error(`go build of the control plane ended with ${code}`)
}

/**
 * The programs of the control plane. `KUBEBUILDER_ASSETS`, when set, is taken as it is: of any version, and mostly without
 * kube-controller-manager. Else they are built on the first call (minutes) and kept.
 */
export async function programs(): Promise<Programs> {
  const assets = process.env.KUBEBUILDER_ASSETS
  if (assets) {
    const found = programsIn(assets)
    for (const name of ['etcd', 'kube-apiserver'] as const)
      if (!found.has(name)) throw new Error(`KUBEBUILDER_ASSETS is ${assets}, and there is no ${name} in it`)
    return found
  }
  const folder = cache()
  if (!existsSync(folder)) {
    console.error(
      `Building kube-apiserver ${KUBERNETES} and etcd for the tests (once, some minutes) with ${await goVersion()} …`,
    )
    mkdirSync(join(folder, '..'), { recursive: true })
    const temporary = mkdtempSync(`${folder}-`)
    try {
      await compile(join(temporary, 'cplane'))
      for (const name of PROGRAMS) symlinkSync('cplane', join(temporary, name))
      // Two runs may build at the same time: the first to finish wins, whole.
      if (!existsSync(folder)) renameSync(temporary, folder)
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  }
  return programsIn(folder)
}
