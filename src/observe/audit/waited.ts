import { field, type Json } from '../../cluster/json.ts'

/** endpoints/request/webhook_duration.go: how long a request stood in a queue before it was served; of those that took longer than 500 ms. */
export const WAITED = 'apiserver.latency.k8s.io/apf-queue-wait'

const UNITS: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ns', 1e-6],
])

/** Milliseconds, of the annotations of an event; 0 where they do not tell. */
export function waitedOf(annotations: Json | undefined): number {
  const text = field(annotations, WAITED)
  return typeof text === 'string' ? durationMs(text) : 0
}

/** As Go writes a duration: `1m2.5s`, `731.2ms`. 0 for what is none. */
export function durationMs(text: string): number {
  if (text.length > 40 || !/^(\d+(\.\d+)?(h|m|s|ms|us|µs|μs|ns))+$/.test(text)) return 0
  let sum = 0
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|μs|ns|h|m|s)/g))
    sum += Number(count) * (UNITS.get(unit) ?? 0)
  return sum
}
