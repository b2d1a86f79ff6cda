// The engines of which configuration is written, each started with exactly that.

import type { Written } from '../../../src/engines/traffic/dialects/dialect.ts'
import type { Limit } from '../../../src/engines/traffic/limit.ts'
import type { NativeTarget, Writable } from '../../../src/engines/traffic/write/writer.ts'
import { WRITERS } from '../../../src/engines/traffic/write/writers.ts'
import { type Engine, newFolder, start } from './engine.ts'
import { freePorts } from './ports.ts'
import { envoy, installed, traefik } from './programs.ts'

export interface Configured {
  readonly engine: Engine
  readonly written: Written
}

type Options = Partial<Pick<NativeTarget, 'realIp' | 'allow'>>

/** Undefined where the program cannot be had. */
export type Run = (limits: readonly Limit[], backend: number, options?: Options) => Promise<Configured>

async function configured(
  product: Writable,
  limits: readonly Limit[],
  backend: number,
  options: Options,
  how: (folder: string, port: number) => { file: string; command: string; args: readonly string[]; accessLog?: string },
): Promise<Configured> {
  const [port] = await freePorts(1)
  const folder = newFolder(product)
  const native = { listen: `127.0.0.1:${port}`, backend: `127.0.0.1:${backend}`, folder, ...options }
  const written = WRITERS[product]!(limits, { name: 'shop', namespace: 'default', native })
  if (written.native === undefined) throw new Error(`${product} writes no configuration of its own`)
  const engine = await start({ port: port as number, folder, config: written.native, ...how(folder, port as number) })
  return { engine, written }
}

export function nginxAs(product: 'ingress-nginx' | 'f5-nginx'): Run | undefined {
  const command = installed('nginx')
  return (command &&
    ((limits, backend, options = {}) =>
      configured(product, limits, backend, options, (folder) => ({
        file: 'nginx.conf',
        command,
        args: ['-c', `${folder}/nginx.conf`, '-e', `${folder}/start.log`],
        accessLog: `${folder}/access.log`,
      })))) as Run | undefined
}

export function haproxyAs(product: 'haproxy' | 'haproxy-ingress'): Run | undefined {
  const command = installed('haproxy')
  return (command &&
    ((limits, backend, options = {}) =>
      configured(product, limits, backend, options, (folder) => ({
        file: 'haproxy.cfg',
        command,
        args: ['-db', '-f', `${folder}/haproxy.cfg`],
      })))) as Run | undefined
}

export async function envoyGateway(): Promise<Run | undefined> {
  const command = await envoy()
  return (command &&
    ((limits, backend, options = {}) =>
      configured('envoy-gateway', limits, backend, options, (folder) => ({
        file: 'envoy.yaml',
        command,
        args: [
          '-c',
          `${folder}/envoy.yaml`,
          '--log-level',
          'error',
          '--concurrency',
          '2',
          '--disable-hot-restart',
          '--file-flush-interval-msec',
          '100',
        ],
        accessLog: `${folder}/access.log`,
      })))) as Run | undefined
}

export function traefikProxy(): Run | undefined {
  const command = traefik()
  if (command === undefined) return undefined
  return (limits, backend, options = {}) =>
    configured('traefik', limits, backend, options, (folder, port) => ({
      file: 'dynamic.yaml',
      command,
      args: [
        `--entrypoints.web.address=127.0.0.1:${port}`,
        `--providers.file.filename=${folder}/dynamic.yaml`,
        `--accesslog.filepath=${folder}/access.log`,
        '--accesslog.format=json',
        '--log.level=ERROR',
        '--global.sendanonymoususage=false',
        '--global.checknewversion=false',
      ],
      accessLog: `${folder}/access.log`,
    }))
}
