import { CONTEXT, heading, hunksIn } from './diff.ts'
import { joinPatches, type Patch } from './pieces.ts'

const NEWLINE = 0x0a

/**
 * The difference of two states of one file, each given by what stands in place of its original bytes: only the lines
 * around what differs are looked at, however large the file is.
 */
export function patchDiff(name: string, original: Buffer, old: readonly Patch[], now: readonly Patch[]): string {
  const windows = windowsOf(original, old, now)
  const lines = counter(original)
  const hunks = windows.map(({ start, end }) => {
    const within = (patches: readonly Patch[]): readonly Patch[] =>
      patches.filter((each) => each.start >= start && each.end <= end)
    return hunksIn({
      before: joinPatches(original, within(old), start, end).toString('utf8'),
      after: joinPatches(original, within(now), start, end).toString('utf8'),
      line: linesAbove(old, start, lines),
      newLine: linesAbove(now, start, lines),
    })
  })
  const text = hunks.join('')
  if (text === '') return ''
  const isEmpty = (patches: readonly Patch[]): boolean =>
    patches.every((each) => each.text === '') && joinPatches(original, patches).length === 0
  return `${heading(name, isEmpty(old), isEmpty(now))}${text}`
}

interface Extent {
  readonly start: number
  readonly end: number
}

/** Whole lines around what differs, enough for the context and the joining of hunks; no patch crosses their ends. */
function windowsOf(original: Buffer, old: readonly Patch[], now: readonly Patch[]): readonly Extent[] {
  const key = ({ start, end, text }: Patch): string => `${start} ${end} ${text}`
  const before = new Set(old.map(key))
  const after = new Set(now.map(key))
  const changed = [...old.filter((each) => !after.has(key(each))), ...now.filter((each) => !before.has(key(each)))]
  const all = [...old, ...now]
  const windows = changed.map((each) => grown(original, each, all)).sort((a, b) => a.start - b.start || a.end - b.end)
  const merged: Extent[] = []
  for (const window of windows) {
    const last = merged.at(-1)
    if (last && window.start <= last.end)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, window.end) }
    else merged.push(window)
  }
  return merged
}

function grown(original: Buffer, { start, end }: Extent, all: readonly Patch[]): Extent {
  const around = 2 * CONTEXT + 1
  let window = { start, end }
  for (;;) {
    const wider = all.reduce(
      (sum, each) =>
        each.start < sum.end && each.end > sum.start
          ? { start: Math.min(sum.start, each.start), end: Math.max(sum.end, each.end) }
          : sum,
      window,
    )
    const lines = { start: linesBack(original, wider.start, around), end: linesOn(original, wider.end, around) }
    if (lines.start === window.start && lines.end === window.end) return window
    const isWhole = all.every(
      (each) =>
        each.end <= lines.start || each.start >= lines.end || (each.start >= lines.start && each.end <= lines.end),
    )
    window = lines
    if (isWhole) return window
  }
}

function linesBack(bytes: Buffer, from: number, count: number): number {
  let at = from
  for (let line = 0; line <= count && at > 0; line++) at = bytes.lastIndexOf(NEWLINE, at - 1)
  return at <= 0 ? 0 : at + 1
}

function linesOn(bytes: Buffer, from: number, count: number): number {
  let at = from
  for (let line = 0; line <= count; line++) {
    const next = bytes.indexOf(NEWLINE, at)
    if (next < 0) return bytes.length
    at = next + 1
  }
  return at
}

/** Lines above an offset of the original, in a state of the file. */
function linesAbove(patches: readonly Patch[], offset: number, lines: (to: number) => number): number {
  let count = lines(offset)
  let at = 0
  for (const { start, end, text } of patches) {
    // An insertion there is part of what begins there.
    if (end > offset || start >= offset) break
    count += countIn(Buffer.from(text)) - (lines(end) - lines(Math.max(start, Math.min(at, end))))
    at = Math.max(at, end)
  }
  return count
}

function countIn(bytes: Buffer): number {
  let count = 0
  for (const byte of bytes) if (byte === NEWLINE) count++
  return count
}

const BLOCK = 4_096
const counted = new WeakMap<Buffer, Uint32Array>()

/** Lines before an offset, counted by blocks once a file. */
function counter(bytes: Buffer): (offset: number) => number {
  let before = counted.get(bytes)
  if (!before) {
    before = new Uint32Array(Math.ceil(bytes.length / BLOCK) + 1)
    let count = 0
    for (let block = 0; block + 1 < before.length; block++) {
      const end = Math.min(bytes.length, (block + 1) * BLOCK)
      for (let at = block * BLOCK; at < end; at++) if (bytes[at] === NEWLINE) count++
      before[block + 1] = count
    }
    counted.set(bytes, before)
  }
  const blocks = before
  return (offset) => {
    const block = Math.floor(offset / BLOCK)
    return (blocks[block] as number) + countIn(bytes.subarray(block * BLOCK, offset))
  }
}
