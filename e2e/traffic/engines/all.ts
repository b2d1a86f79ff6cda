// Every engine that is here, by the product whose configuration it runs.
import type { Writable } from '../../../src/engines/traffic/write/writer.ts'
import { envoyGateway, haproxyAs, nginxAs, type Run, traefikProxy } from './engines.ts'

export const ENGINES: ReadonlyMap<Writable, Run | undefined> = new Map<Writable, Run | undefined>([
  ['ingress-nginx', nginxAs('ingress-nginx')],
  ['f5-nginx', nginxAs('f5-nginx')],
  ['envoy-gateway', await envoyGateway()],
  ['haproxy', haproxyAs('haproxy')],
  ['haproxy-ingress', haproxyAs('haproxy-ingress')],
  ['traefik', traefikProxy()],
])

/** Why a test of an engine is skipped; false where it is there. */
export function missing(run: Run | undefined): string | false {
  return run === undefined ? 'the engine is not installed (e2e/README.md)' : false
}
