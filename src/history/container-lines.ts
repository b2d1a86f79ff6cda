import { field, type Json, string } from '../cluster/json.ts'
import { containerPrefix } from '../observe/audit/prefix.ts'
import { lines, NOTHING, type Slice, tooLong, whole } from './lines.ts'

const OPEN_OBJECT = 0x7b
/** Longer than what stands before a line. */
const LONGEST_PREFIX = 64
/** `{"log":"…","stream":"stdout","time":"…"}` of Docker’s json-file. */
const DOCKER = Buffer.from('{"log":"')

/** Whether a line is one that a container runtime wrote of the output of a container. */
export function isContainerLine(text: string): boolean {
  return containerPrefix(text) !== undefined || partOf(Buffer.from(text), 0, text.length) !== undefined
}

interface Part {
  readonly stream: string
  readonly from: number
  readonly to: number
  /** Of what is not in the file as it is. */
  readonly text?: string
  readonly isLast: boolean
}

interface Pending {
  readonly line: number
  readonly pieces: Buffer[]
  length: number
}

/**
 * The lines that a container wrote, out of the file in which its runtime keeps them: both Docker and the CRI cut what is longer
 * than 16 KiB into several (moby daemon/logger/copier.go, containerd pkg/cri/io/logger.go), between which may stand
 * some of its other stream. What is of neither form is told as it is.
 */
export async function* containerLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Slice[]> {
  const pending = new Map<string, Pending>()
  for await (const batch of lines(chunks, limit)) {
    const found: Slice[] = []
    for (const slice of batch) {
      const part = slice.fault === undefined ? partOf(slice.bytes, slice.from, slice.to) : undefined
      const told = part === undefined ? slice : joined(slice, part, pending, limit)
      if (told) found.push(told)
    }
    if (found.length > 0) yield found
  }
  const rest = [...pending.values()].map(({ line }) => faulty(line, 'ends before its line does'))
  if (rest.length > 0) yield rest
}

function joined(slice: Slice, part: Part, pending: Map<string, Pending>, limit: number): Slice | undefined {
  const { stream, from, to, text, isLast } = part
  const known = pending.get(stream)
  const { line } = known ?? slice
  if (!known && isLast && text === undefined) return told({ ...slice, from, to })
  const piece = text === undefined ? Buffer.from(slice.bytes.subarray(from, to)) : Buffer.from(text)
  const open = known ?? { line, pieces: [], length: 0 }
  open.length += piece.length
  if (open.length <= limit) open.pieces.push(piece)
  else open.pieces.length = 0
  if (!isLast) {
    pending.set(stream, open)
    return undefined
  }
  pending.delete(stream)
  return open.length > limit ? faulty(line, tooLong(limit)) : told(whole(open.pieces, line))
}

function told(slice: Slice): Slice {
  return slice.bytes[slice.from] === OPEN_OBJECT ? slice : { ...slice, leftOut: 'text that is no event' }
}

function partOf(bytes: Buffer, from: number, to: number): Part | undefined {
  if (bytes[from] === OPEN_OBJECT) {
    if (!bytes.subarray(from, from + DOCKER.length).equals(DOCKER)) return undefined
    const value = parsed(bytes.toString('utf8', from, to))
    const log = string(field(value, 'log'))
    const stream = string(field(value, 'stream'))
    if (log === undefined || stream === undefined || field(value, 'time') === undefined) return undefined
    const isLast = log.endsWith('\n')
    return { stream: streamOf(stream), from, to, text: isLast ? log.slice(0, -1) : log, isLast }
  }
  const head = bytes.toString('latin1', from, Math.min(to, from + LONGEST_PREFIX))
  const prefix = containerPrefix(head)
  if (!prefix) return undefined
  const stream = head.slice(0, prefix.length).includes(' stderr ') ? 'stderr' : 'stdout'
  return { stream, from: from + prefix.length, to, isLast: prefix.isPart !== true }
}

function streamOf(name: string): string {
  return name === 'stderr' ? name : 'stdout'
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function faulty(line: number, fault: string): Slice {
  return { bytes: NOTHING, from: 0, to: 0, line, fault }
}
