import type { ReadLine } from './template.ts'

/** One form in which an engine writes its access log. */
export interface Format {
  /** For people: `nginx combined`, `Envoy (JSON)`. */
  readonly name: string
  readonly engine: 'nginx' | 'envoy' | 'haproxy' | 'traefik' | 'aws' | 'given' | 'other'
  readonly read: ReadLine
  /** What is counted as received: the body, or with the request line and headers. */
  readonly receives: 'body' | 'all' | 'nothing'
  /** `connections`: it logs connections, whose requests nobody sees. */
  readonly of?: 'connections'
}
