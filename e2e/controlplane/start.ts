// A control plane of one test file: started on free ports, gone with the process that started it.
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Program, programs } from './build.ts'
import { type ApiserverOptions, apiserverFlags, controllerFlags, etcdFlags, files, type Layout } from './flags.ts'

export type Component = 'apiserver' | 'controller-manager'

export type ControlPlaneOptions = ApiserverOptions & { readonly components: readonly Component[] }

/** Users of the static token file: `admin` may do everything, the others nothing until a binding says so. */
export type User = 'admin' | 'alice' | 'bob'

export type ControlPlane = {
  readonly url: string
  /** PEM of the certificate that the API server shows. */
  readonly certificate: string
  readonly tokens: Readonly<Record<User, string>>
  /** A kubeconfig file of `admin`. */
  readonly kubeconfig: string
  /** Holds the logs (`etcd.log`, `kube-apiserver.log`, ...) until `stop`. */
  readonly folder: string
  /** Stops everything and removes the folder. Happens by itself when the process of the tests ends in any way. */
  stop(): Promise<void>
}

const START_MS = 120_000
const POLL_MS = 50

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** JSON is YAML, so kubectl and client-go read it. */
function kubeconfig(url: string, certificate: string, user: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server: url, 'certificate-authority': certificate } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user } }],
    'current-context': 'e2e',
  })
}

/** Writes the keys, tokens and kubeconfigs; returns the tokens. */
function furnish({ folder, ports }: Layout): Record<User, string> {
  const at = files(folder)
  const url = `https://127.0.0.1:${ports.apiserver}`
  const token = () => randomBytes(16).toString('hex')
  const tokens = { admin: token(), alice: token(), bob: token() }
  const controllers = token()
  const lines = [
    `${tokens.admin},admin,admin,system:masters`,
    `${tokens.alice},alice,alice`,
    `${tokens.bob},bob,bob`,
    `${controllers},system:kube-controller-manager,kcm`,
  ]
  const mode = 0o600
  writeFileSync(at.tokens, `${lines.join('\n')}\n`, { mode })
  writeFileSync(at.kubeconfig, kubeconfig(url, at.certificate, 'admin', tokens.admin), { mode })
  writeFileSync(at.controllers, kubeconfig(url, at.certificate, 'controllers', controllers), { mode })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(at.accounts, privateKey.export({ type: 'sec1', format: 'pem' }), { mode })
  mkdirSync(at.certificates)
  return tokens
}

/** Whether `path` answers 200 to the administrator; a server that is not there yet says no. */
function answers(url: string, ca: Buffer, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(url, { ca, headers: { authorization: `Bearer ${token}` }, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200))
    })
    sent.once('error', () => resolve(false)).end()
  })
}

function tail(log: string): string {
  if (!existsSync(log)) return ''
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}

/**
 * Starts etcd, kube-apiserver and, where asked for, kube-controller-manager, and waits until they answer: the API server by
 * `/readyz`, the controllers by the ServiceAccount that pods of the namespace `default` need.
 * Throws when a program is not there (KUBEBUILDER_ASSETS mostly lacks the controllers: ask `programs()` first), or does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const found = await programs()
  const program = (name: Program): string => {
    const path = found.get(name)
    if (path === undefined) throw new Error(`${name} is not among the programs of this control plane`)
    return path
  }
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-controlplane-'))
  const ports = { etcd: await freePort(), peer: await freePort(), apiserver: await freePort() }
  const layout = { folder, ports }
  const tokens = furnish(layout)
  const at = files(folder)
  const url = `https://127.0.0.1:${ports.apiserver}`

  const keeper = spawn(process.execPath, [fileURLToPath(new URL('keeper.ts', import.meta.url)), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A group of its own: what ends the tests must not end it before its work is done.
    detached: true,
  })
  const gone = new Promise<void>((resolve) => keeper.once('exit', () => resolve()))
  let failure: string | undefined
  createInterface({ input: keeper.stdout }).on('line', (line) => {
    const { file, why } = JSON.parse(line) as { file: string; why: string }
    failure ??= `${file}: ${why}`
  })
  const log = (name: Program) => join(folder, `${name}.log`)
  const launch = (name: Program, args: readonly string[]) =>
    keeper.stdin.write(`${JSON.stringify({ file: program(name), args, log: log(name) })}\n`)
  const stop = async () => {
    keeper.ref()
    keeper.stdin.end()
    await gone
  }
  const until = async (name: Program, path: string) => {
    const deadline = Date.now() + START_MS
    for (;;) {
      if (failure !== undefined) throw new Error(`${failure}\n${tail(log(name))}`)
      if (existsSync(at.certificate) && (await answers(url + path, readFileSync(at.certificate), tokens.admin))) return
      if (Date.now() > deadline) throw new Error(`${name} does not answer ${path}\n${tail(log(name))}`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  try {
    launch('etcd', etcdFlags(layout))
    launch('kube-apiserver', apiserverFlags(layout, options))
    await until('kube-apiserver', '/readyz')
    if (options.components.includes('controller-manager')) {
      launch('kube-controller-manager', controllerFlags(layout))
      await until('kube-controller-manager', '/api/v1/namespaces/default/serviceaccounts/default')
    }
  } catch (error) {
    await stop()
    throw error
  }
  // Tests that forget to stop it end all the same, and the keeper notices.
  keeper.unref()
  const streams = [keeper.stdin, keeper.stdout] as unknown as { unref(): void }[]
  for (const stream of streams) stream.unref()
  const certificate = readFileSync(at.certificate, 'utf8')
  return { url, certificate, tokens, kubeconfig: at.kubeconfig, folder, stop }
}
