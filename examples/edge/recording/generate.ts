/** Writes ../history: eight days of requests as ingress-nginx logs them, and one client that floods the search for half a minute. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { LINES } from '../../../bench/access-log/lines.ts'
import { type Made, traffic } from '../../../bench/access-log/traffic.ts'

const REQUESTS = 16_000
const UPSTREAMS: Readonly<Record<string, string>> = { 'api.example.com': 'shop-api-80' }

/** The access log of the example, the same on every run. */
export function recorded(): string {
  const requests = traffic(REQUESTS, {
    from: Date.parse('2026-11-02T00:00:00Z'),
    clients: 899,
    crawlers: 0,
    pagesPerSecond: 0.0052,
    flood: { at: Date.parse('2026-11-06T13:05:00Z') - Date.parse('2026-11-02T00:00:00Z'), seconds: 30, perSecond: 60 },
  })
  return [...requests].map((each) => `${line(each)}\n`).join('')
}

function line(each: Made): string {
  return LINES.upstreaminfo(each).replace('shop-web-80', UPSTREAMS[each.host] ?? 'shop-web-80')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../history/access.log.gz', import.meta.url), gzipSync(recorded(), { level: 9 }))
