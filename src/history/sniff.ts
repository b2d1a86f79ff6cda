import { field, isObject, type Json, object, string } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { auditEvents, isAuditEvent } from '../observe/audit/native.ts'
import { isHubble } from '../observe/flows/hubble.ts'
import { instant } from '../observe/time.ts'
import type { Bytes, HistoryLimits } from './bytes.ts'
import { lines, type Text, values } from './lines.ts'

/** What a file holds, told by its beginning. */
export type Sniffed =
  | { readonly kind: 'audit' | 'flows'; readonly form: 'lines' | 'values'; readonly first: number }
  | { readonly kind: 'policy'; readonly policy: Json }
  | { readonly kind: 'other' }

const MOST_TEXTS = 200
const MOST_BYTES = 4 * 1024 ** 2

export async function sniff(bytes: Bytes, limits: HistoryLimits): Promise<Sniffed> {
  const head = async function* (most: number): AsyncIterable<Buffer> {
    let size = 0
    // What is wrong with the file is told when it is read.
    for await (const chunk of bytes.chunks(() => {})) {
      yield chunk
      size += chunk.length
      if (size >= most) return
    }
  }
  const inLines = await firstKnown(lines(head(MOST_BYTES), limits.line), 'lines')
  if (inLines.kind !== 'other') return inLines
  const policy = await yamlPolicy(head(MOST_BYTES))
  if (policy !== undefined) return { kind: 'policy', policy }
  return firstKnown(values(head(limits.line), limits.line), 'values')
}

async function firstKnown(texts: AsyncIterable<readonly Text[]>, form: 'lines' | 'values'): Promise<Sniffed> {
  let seen = 0
  for await (const batch of texts) {
    for (const { text } of batch) {
      const known = sniffValue(parsed(text), form)
      if (known) return known
      if (++seen === MOST_TEXTS) return { kind: 'other' }
    }
  }
  return { kind: 'other' }
}

/** Undefined for what is no JSON. */
export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function sniffValue(value: Json | undefined, form: 'lines' | 'values'): Sniffed | undefined {
  if (!isObject(value)) return undefined
  if (isPolicy(value)) return { kind: 'policy', policy: value }
  const [event] = auditEvents(value)
  if (event !== undefined && isAuditEvent(event)) {
    const time = event.requestReceivedTimestamp ?? event.timestamp ?? event.stageTimestamp
    return { kind: 'audit', form, first: instant(time) ?? 0 }
  }
  if (isHubble(value)) return { kind: 'flows', form, first: instant(object(value.flow).time ?? value.time) ?? 0 }
  return undefined
}

function isPolicy(value: Json): boolean {
  return field(value, 'kind') === 'Policy' && string(field(value, 'apiVersion'))?.startsWith('audit.k8s.io/') === true
}

async function yamlPolicy(chunks: AsyncIterable<Buffer>): Promise<Json | undefined> {
  const pieces: Buffer[] = []
  for await (const chunk of chunks) pieces.push(Buffer.from(chunk))
  const whole = Buffer.concat(pieces)
  if (whole.length >= MOST_BYTES || !whole.includes('audit.k8s.io/')) return undefined
  for (const document of whole.toString('utf8').split(/^---.*$/m)) {
    if (!document.includes('audit.k8s.io/')) continue
    const { value } = parseYaml(document)
    if (value !== undefined && isPolicy(value)) return value
  }
  return undefined
}
