import type { Field } from './field.ts'
import type { Format } from './format.ts'
import { compile, type Part, type Template } from './template.ts'

const plain = (...fields: readonly Field[]): readonly Part[] =>
  fields.map((field) => ({ field, ends: 'plain', before: ' ' }))

/** Processing times are three numbers, which are not added up: `request_creation_time` tells when a request came. */
const ALB: Template = {
  start: '',
  parts: [
    ...plain('scheme', 'iso-time', 'skip', 'client-port', 'upstream', 'skip', 'skip', 'skip', 'status', 'skip'),
    { field: 'received', ends: 'plain', before: ' ' },
    { field: 'skip', ends: 'plain', before: ' "' },
    { field: 'request', ends: 'quoted', before: '" "' },
    { field: 'skip', ends: 'quoted', before: '" ' },
    { field: 'skip', ends: 'plain', before: ' ' },
    { field: 'skip', ends: 'plain', before: ' ' },
    { field: 'skip', ends: 'plain', before: ' "' },
    { field: 'skip', ends: 'quoted', before: '" "' },
    { field: 'skip', ends: 'quoted', before: '" "' },
    { field: 'skip', ends: 'quoted', before: '" ' },
    { field: 'skip', ends: 'plain', before: ' ' },
    { field: 'created', ends: 'plain', before: ' ' },
  ],
  isOpen: true,
}

/** `time elb client:port backend:port request_time backend_time response_time status backend_status received sent "…"`. */
const CLASSIC: Template = {
  start: '',
  parts: [
    ...plain('iso-time', 'skip', 'client-port', 'upstream', 'skip', 'skip', 'skip', 'status', 'skip', 'received'),
    { field: 'skip', ends: 'plain', before: ' "' },
    { field: 'request', ends: 'quoted', before: '" ' },
  ],
  isOpen: true,
}

/** Access logs of Elastic Load Balancing (its user guides, “Access log entries”). */
export const AWS: readonly Format[] = [
  { name: 'ALB', engine: 'aws', receives: 'all', read: compile(ALB) },
  { name: 'ELB', engine: 'aws', receives: 'body', read: compile(CLASSIC) },
]
