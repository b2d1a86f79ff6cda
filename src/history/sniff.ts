import { field, isObject, type Json, object, string } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { foreignLog } from '../observe/audit/foreign.ts'
import { auditTime, prefixedTime } from '../observe/audit/reader.ts'
import { isHubble } from '../observe/flows/hubble.ts'
import { instant } from '../observe/time.ts'
import type { Bytes, HistoryLimits } from './bytes.ts'
import { documents, lines, type Slice, type Text, textOf } from './lines.ts'
import { values } from './values.ts'

/** How the records of a file are cut from each other. */
export type LogForm = 'lines' | 'values' | 'yaml'

/** What a file holds, told by its beginning. */
export type Sniffed =
  | { readonly kind: 'audit' | 'flows'; readonly form: LogForm; readonly first: number }
  | { readonly kind: 'policy'; readonly policy: Json }
  /** `what` where it is something that people take for an audit log. */
  | { readonly kind: 'other'; readonly what?: string }

const MOST_TEXTS = 5_000
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
  const inLines = await firstKnown(textsOf(lines(head(MOST_BYTES), limits.line)), 'lines')
  if (inLines.kind !== 'other') return inLines
  const inYaml = (await isYaml(head(1)))
    ? await firstKnown(documents(head(MOST_BYTES), Math.min(limits.line, MOST_BYTES)), 'yaml')
    : inLines
  if (inYaml.kind !== 'other') return inYaml
  const inValues = await firstKnown(textsOf(values(head(limits.line), limits.line)), 'values')
  if (inValues.kind !== 'other') return inValues
  return [inLines, inYaml, inValues].find(({ what }) => what !== undefined) ?? inLines
}

async function* textsOf(slices: AsyncIterable<readonly Slice[]>): AsyncIterable<readonly Text[]> {
  for await (const batch of slices) yield batch.map(textOf)
}

async function firstKnown(texts: AsyncIterable<readonly Text[]>, form: LogForm): Promise<Sniffed> {
  let seen = 0
  let what: string | undefined
  for await (const batch of texts) {
    for (const { text, wrap } of batch) {
      const bare = form === 'yaml' ? parseYaml(text).value : parsed(text)
      const value = bare === undefined || wrap === undefined ? bare : wrap(bare)
      const known = sniffValue(value, form) ?? sniffPrefixed(value, text, form)
      if (known) return known
      what ??= foreignLog(Array.isArray(value) ? value[0] : value)
      if (++seen === MOST_TEXTS) break
    }
    if (seen === MOST_TEXTS) break
  }
  return { kind: 'other', ...(what === undefined ? {} : { what }) }
}

/** Undefined for what is no JSON. */
export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function sniffValue(value: Json | undefined, form: LogForm): Sniffed | undefined {
  const time = auditTime(value)
  if (time !== undefined) return { kind: 'audit', form, first: time }
  if (!isObject(value)) return undefined
  if (isPolicy(value)) return { kind: 'policy', policy: value }
  if (isHubble(value) && form !== 'yaml')
    return { kind: 'flows', form, first: instant(object(value.flow).time ?? value.time) ?? 0 }
  return undefined
}

function sniffPrefixed(value: Json | undefined, text: string, form: LogForm): Sniffed | undefined {
  const time = value === undefined && form === 'lines' ? prefixedTime(text) : undefined
  return time === undefined ? undefined : { kind: 'audit', form, first: time }
}

function isPolicy(value: Json): boolean {
  return field(value, 'kind') === 'Policy' && string(field(value, 'apiVersion'))?.startsWith('audit.k8s.io/') === true
}

/** Not what begins like JSON, nor what is no text. */
async function isYaml(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const chunk of chunks) {
    const head = chunk.toString('utf8', 0, 64 * 1024)
    return (
      !head.includes('\0') &&
      /^\uFEFF?\s*[^\s{[]/.test(head) &&
      /^[-\s]*(kind|apiVersion|protoPayload|jsonPayload|insertId|logName) *:/m.test(head)
    )
  }
  return false
}
