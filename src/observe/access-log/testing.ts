import { Clock } from './clock.ts'
import { FORMATS, givenFormat } from './formats.ts'
import { LineReader } from './reader.ts'
import type { Request } from './request.ts'

/** What a line says, its texts as text. */
export interface ReadLine {
  readonly format: string
  readonly time: string
  readonly resolution: number
  readonly isStart: boolean
  readonly duration: number
  readonly status: number
  readonly received: number
  readonly mark: number
  readonly client: string
  readonly forwarded: string
  readonly host: string
  readonly path: string
  readonly method: string
  readonly backend: string
}

/** Reads one line as the files are read; undefined where no format does. */
export function readLine(line: string, given?: string): ReadLine | undefined {
  const format = given === undefined ? undefined : givenFormat(given)
  if (typeof format === 'string') throw new Error(format)
  const reader = new LineReader(format ? [format] : FORMATS)
  const bytes = Buffer.from(line)
  return reader.read(bytes, 0, bytes.length) ? told(reader.request, reader.format?.name ?? '') : undefined
}

function told(request: Request, format: string): ReadLine {
  const text = (from: number, to: number): string => Buffer.from(request.bytes.subarray(from, to)).toString()
  return {
    format,
    time: new Date(request.time).toISOString(),
    resolution: request.resolution,
    isStart: request.isStart,
    duration: request.duration,
    status: request.status,
    received: request.received,
    mark: request.mark,
    client: text(request.clientFrom, request.clientTo),
    forwarded: text(request.forwardedFrom, request.forwardedTo),
    host: text(request.hostFrom, request.hostTo),
    path: text(request.pathFrom, request.pathTo),
    method: text(request.methodFrom, request.methodTo),
    backend: text(request.backendFrom, request.backendTo),
  }
}

/** The time that a clock reads in the common form. */
export function commonTime(text: string): number {
  const bytes = Buffer.from(text)
  return new Clock().common(bytes, 0, bytes.length)
}
