import type { Caps } from '../../observe/probe/step.ts'
import type { Pinned } from '../../observe/probe/target.ts'
import { shownUrl } from './probe.ts'

export interface K6Options {
  readonly target: Pinned
  /** Names of headers; what they hold is read from the environment when the script runs. */
  readonly headers: readonly string[]
  readonly caps: Caps
  /** Requests a second where it is known: the script goes from a third of it to 1.6 times it. */
  readonly capacity: number | undefined
}

/** Rates, as shares of the capacity, and their parts of the time. */
const STAGES = [0.3, 0.6, 0.9, 1.1, 1.3, 1.6]
/** Without a capacity: the most requests a second at the end of the ramp. */
const MOST_RATE = 400

/**
 * A script for k6 that ramps the rate up and stops at the first breach. It searches nothing: k6 has no search. No more
 * requests and seconds are sent than `caps` allow, and nothing secret is written into it.
 */
export function k6Script({ target, headers, caps, capacity }: K6Options): string {
  const seconds = Math.max(STAGES.length, Math.floor(caps.seconds * 0.8))
  const stage = Math.max(1, Math.floor(seconds / STAGES.length))
  const rates = ratesOf(capacity ?? MOST_RATE / 1.6, stage, caps.requests)
  const name = (header: string): string => `HEADER_${header.toUpperCase().replaceAll('-', '_')}`
  const url = shownUrl(target)
  const query = target.path.includes('?') ? ` + (__ENV.QUERY ? '?' + __ENV.QUERY : '')` : ''
  const environment = [
    ...headers.map((header) => `-e ${name(header)}=…`),
    ...(query === '' ? [] : ['-e QUERY=…']),
    ...(target.isLoopback ? [] : ['-e CONFIRM=…']),
  ]
  return `// Ramps the load on a staging service up until it breaks, for k6: k6 run ${[...environment, 'FILE'].join(' ')}
// At most ${caps.requests} requests, ${stage * STAGES.length} seconds and ${caps.inFlight} requests at once. It aborts at the first breach, whose rate is
// more than the service holds: k6 judges all requests since the start, so it stops late.
import exec from 'k6/execution'
import http from 'k6/http'

const URL = ${JSON.stringify(url)}${query}
const MOST_REQUESTS = ${caps.requests}
// Longer than a request may take is a failure.
const TIMEOUT = '${caps.timeout}s'

export const options = {
  discardResponseBodies: true,
  maxRedirects: 0,
  scenarios: {
    ramp: {
      executor: 'ramping-arrival-rate',
      startRate: ${rates[0]},
      timeUnit: '1s',
      preAllocatedVUs: ${Math.min(50, caps.inFlight)},
      maxVUs: ${caps.inFlight},
      gracefulStop: '${caps.timeout}s',
      stages: [
${rates.map((rate) => `        { target: ${rate}, duration: '${stage}s' },`).join('\n')}
      ],
    },
  },
  thresholds: {
    http_req_failed: [{ threshold: 'rate<0.01', abortOnFail: true, delayAbortEval: '3s' }],
    http_req_duration: [{ threshold: 'p(99)<1000', abortOnFail: true, delayAbortEval: '3s' }],
    // Requests that k6 could not send, since so many waited for an answer.
    dropped_iterations: [{ threshold: 'count<20', abortOnFail: true, delayAbortEval: '3s' }],
  },
}

const headers = {}
for (const name of ${JSON.stringify(headers)}) {
  const value = __ENV['HEADER_' + name.toUpperCase().replaceAll('-', '_')]
  if (value === undefined) throw new Error('no value for the header ' + name)
  headers[name] = value
}
${target.isLoopback ? '' : confirmation(target)}
export default function () {
  if (exec.scenario.iterationInTest >= MOST_REQUESTS) exec.test.abort('the most requests were sent')
  http.get(URL, { headers, timeout: TIMEOUT })
}
`
}

/** Whoever runs the script shows that the target agrees to be loaded. */
function confirmation({ protocol, hostname, port }: Pinned): string {
  return `
export function setup() {
  const answer = http.get(${JSON.stringify(`${protocol}//${hostname}:${port}/.well-known/bulkhead-probe`)}, { responseType: 'text' })
  if (!__ENV.CONFIRM || answer.status !== 200 || answer.body.trim() !== __ENV.CONFIRM) {
    exec.test.abort('the target does not serve the token of CONFIRM at /.well-known/bulkhead-probe')
  }
}
`
}

/** Whole numbers, and lower ones where the ramp would send more than may be sent. */
function ratesOf(capacity: number, seconds: number, most: number): readonly number[] {
  const total = STAGES.reduce(
    (sum, share, at) => sum + ((share + (STAGES[at - 1] ?? share)) / 2) * capacity * seconds,
    0,
  )
  const scale = Math.min(1, (0.95 * most) / total)
  return STAGES.map((share) => Math.max(1, Math.round(share * capacity * scale)))
}
