import type { Format } from './format.ts'
import { compile, type Part } from './template.ts'

const HEAD: readonly Part[] = [
  { field: 'client-port', ends: 'plain', before: ' [' },
  // Local time without a zone: taken for UTC, since only distances count.
  { field: 'common-start', ends: 'plain', before: '] ' },
  { field: 'skip', ends: 'plain', before: ' ' },
  { field: 'backend', ends: 'plain', before: ' ' },
  { field: 'timers', ends: 'plain', before: ' ' },
]

const HTTP: readonly Part[] = [
  ...HEAD,
  { field: 'status', ends: 'plain', before: ' ' },
  { field: 'skip', ends: 'plain', before: ' ' },
  { field: 'skip', ends: 'plain', before: ' ' },
  { field: 'skip', ends: 'plain', before: ' ' },
  { field: 'termination', ends: 'plain', before: ' ' },
  { field: 'counters', ends: 'plain', before: ' ' },
  // Queues, then captured headers in braces, in which HAProxy writes a quote as #22.
  { field: 'skip', ends: 'plain', before: ' "' },
]

/** `option httplog`, `httpslog` and `tcplog` (HAProxy's configuration manual, chapter 8.2). */
export const HAPROXY: readonly Format[] = [
  {
    name: 'HAProxy',
    engine: 'haproxy',
    receives: 'nothing',
    // Behind the request `httpslog` has five errors and what TLS agreed on.
    read: compile({ start: '', parts: [...HTTP, { field: 'request', ends: 'plain', before: '"' }], isOpen: true }),
  },
  {
    // `log … len`: 1,024 bytes where nobody set it; a long request loses its end, and the quote behind it.
    name: 'HAProxy (cut)',
    engine: 'haproxy',
    receives: 'nothing',
    read: compile({ start: '', parts: [...HTTP, { field: 'request', ends: 'plain', before: '' }] }),
  },
  {
    name: 'HAProxy (TCP)',
    engine: 'haproxy',
    receives: 'nothing',
    of: 'connections',
    read: compile({
      start: '',
      parts: [
        ...HEAD,
        { field: 'skip', ends: 'plain', before: ' ' },
        { field: 'termination', ends: 'plain', before: ' ' },
        { field: 'counters', ends: 'plain', before: ' ' },
        { field: 'counters', ends: 'plain', before: '' },
      ],
    }),
  },
]
