// A service of known capacity on the loopback address: node service.ts single|pool|slow-start|hog. It prints its port.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const [, , kind] = process.argv

/** CPU time, not wall time: a neighbour that takes the CPU makes it slower, as it does real work. */
function work(ms: number): void {
  const start = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(start)
    if (user + system >= ms * 1000) return
  }
}

const POOL = 8
let busy = 0
const waiting: ServerResponse[] = []

function sleep(response: ServerResponse): void {
  if (busy === POOL) {
    waiting.push(response)
    return
  }
  busy++
  setTimeout(() => {
    busy--
    response.end('ok\n')
    const next = waiting.shift()
    if (next) sleep(next)
  }, 40)
}

let first: number | undefined

if (kind === 'hog') for (;;) work(1_000)

const server = createServer((_, response) => {
  first ??= performance.now()
  if (kind === 'pool') {
    sleep(response)
    return
  }
  work(kind === 'slow-start' && performance.now() - first < 2_000 ? 20 : 5)
  response.end('ok\n')
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
