import { writeEnvoyGateway } from './envoy-gateway.ts'
import { writeF5Nginx } from './f5-nginx.ts'
import { writeHaproxy } from './haproxy.ts'
import { writeHaproxyIngress } from './haproxy-ingress.ts'
import { writeIngressNginx } from './ingress-nginx.ts'
import { writeTraefik } from './traefik.ts'
import type { Writable, Writer } from './writer.ts'

/** Every product that limits can be written for. */
export const WRITERS: Readonly<Record<Writable, Writer>> = {
  'ingress-nginx': writeIngressNginx,
  'f5-nginx': writeF5Nginx,
  'envoy-gateway': writeEnvoyGateway,
  haproxy: writeHaproxy,
  'haproxy-ingress': writeHaproxyIngress,
  traefik: writeTraefik,
}
