import { field, isObject, type Json, object, string } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import type { Problem } from '../errors.ts'
import { foreignLog } from '../observe/audit/foreign.ts'
import { auditTime, prefixedTime } from '../observe/audit/reader.ts'
import { isHubble } from '../observe/flows/hubble.ts'
import { instant } from '../observe/time.ts'
import { avroRecords, isAvro } from './avro.ts'
import type { Bytes, HistoryLimits } from './bytes.ts'
import { containerLines, isContainerLine } from './container-lines.ts'
import { rows } from './csv.ts'
import { documents, lines, type Slice, type Text, textOf } from './lines.ts'
import { otherPacking } from './packings.ts'
import { isTar } from './tar.ts'
import { values } from './values.ts'

/** How the records of a file are cut from each other. */
export type LogForm = 'lines' | 'values' | 'yaml' | 'container' | 'csv' | 'avro'

/** Cuts the bytes of a file into what may be read by itself. */
export type Cut = (chunks: AsyncIterable<Buffer>, limit: number) => AsyncIterable<readonly Slice[]>

/** The forms whose records are bytes of JSON; of the others they are made into values. */
export const CUTS = {
  lines,
  values,
  container: containerLines,
  avro: avroRecords,
} as const satisfies Partial<Record<LogForm, Cut>>

/** What a file holds, told by its beginning. */
export type Sniffed =
  | { readonly kind: 'audit' | 'flows'; readonly form: LogForm; readonly first: number }
  | { readonly kind: 'policy'; readonly policy: Json }
  | { readonly kind: 'archive' }
  /** `what` where it is something that people take for an audit log. */
  | { readonly kind: 'other'; readonly what?: string }

const MOST_TEXTS = 5_000
const MOST_BYTES = 4 * 1024 ** 2
/** Of a file whose records come in blocks. */
const MOST_OF_BLOCKS = 80 * 1024 ** 2

/** `tell`: why a file could not be read in which nothing was found. Of others that is told when they are read. */
export async function sniff(
  bytes: Bytes,
  limits: HistoryLimits,
  tell: (problem: Problem) => void = () => {},
): Promise<Sniffed> {
  const problems: Problem[] = []
  const found = await sniffed(bytes, limits, (each) => problems.push(each))
  const [first] = problems
  if (found.kind === 'other' && first) tell(first)
  return found
}

async function sniffed(bytes: Bytes, limits: HistoryLimits, tell: (problem: Problem) => void): Promise<Sniffed> {
  const head = (most: number): AsyncIterable<Buffer> => upTo(most, bytes.chunks(tell)[Symbol.asyncIterator]())
  const begun = bytes.chunks(tell)[Symbol.asyncIterator]()
  const { done, value: first } = await begun.next()
  if (done === true) return { kind: 'other' }
  const packing = otherPacking(first)
  if (packing !== undefined || isTar(first) || isAvro(first)) {
    await begun.return?.()
    if (packing !== undefined) return { kind: 'other', what: packing }
    return isTar(first)
      ? { kind: 'archive' }
      : firstKnown(textsOf(avroRecords(head(MOST_OF_BLOCKS), limits.line)), 'avro')
  }
  const inLines = await firstKnown(textsOf(lines(upTo(MOST_BYTES, begun, first), limits.line)), 'lines')
  if (inLines.kind !== 'other') return inLines
  const inYaml = isYaml(first)
    ? await firstKnown(documents(head(MOST_BYTES), Math.min(limits.line, MOST_BYTES)), 'yaml')
    : inLines
  if (inYaml.kind !== 'other') return inYaml
  const inRows = isTable(first) ? await firstKnown(rows(head(MOST_BYTES), limits.line), 'csv') : inLines
  if (inRows.kind !== 'other') return inRows
  const inValues = await firstKnown(textsOf(values(head(limits.line), limits.line)), 'values')
  if (inValues.kind !== 'other') return inValues
  return [inLines, inYaml, inRows, inValues].find(({ what }) => what !== undefined) ?? inLines
}

async function* textsOf(slices: AsyncIterable<readonly Slice[]>): AsyncIterable<readonly Text[]> {
  for await (const batch of slices) yield batch.map(textOf)
}

async function firstKnown(texts: AsyncIterable<readonly Text[]>, form: LogForm): Promise<Sniffed> {
  let seen = 0
  let what: string | undefined
  for await (const batch of texts) {
    for (const { text, wrap, fault, value: made } of batch) {
      const bare = made ?? (form === 'yaml' ? parseYaml(text).value : parsed(text))
      const value = bare === undefined || wrap === undefined ? bare : wrap(bare)
      const known = sniffValue(value, form) ?? sniffPrefixed(value, text, form)
      if (known)
        return known.kind === 'audit' && form === 'lines' && isContainerLine(text)
          ? { ...known, form: 'container' }
          : known
      if (form === 'avro') what ??= fault
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

/** `first`: what was taken already. */
async function* upTo(most: number, chunks: AsyncIterator<Buffer>, first?: Buffer): AsyncGenerator<Buffer> {
  try {
    let size = 0
    if (first) {
      yield first
      size = first.length
    }
    while (size < most) {
      const { done, value } = await chunks.next()
      if (done === true) return
      yield value
      size += value.length
    }
  } finally {
    await chunks.return?.()
  }
}

/** Whether it begins with names of columns: text of one line that is no JSON. */
function isTable(first: Buffer): boolean {
  const head = first.toString('utf8', 0, 64 * 1024)
  return !head.includes('\0') && /^\uFEFF?["'@\w]/.test(head)
}

/** Not what begins like JSON, nor what is no text. */
function isYaml(first: Buffer): boolean {
  const head = first.toString('utf8', 0, 64 * 1024)
  return (
    !head.includes('\0') &&
    /^\uFEFF?\s*[^\s{[]/.test(head) &&
    /^[-\s]*(kind|apiVersion|protoPayload|jsonPayload|insertId|logName) *:/m.test(head)
  )
}
