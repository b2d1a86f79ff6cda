import type { Json } from '../cluster/json.ts'
import { AvroFault, type AvroRecord, type AvroType } from './avro-schema.ts'

const MOST_DEPTH = 64
/** Values of which none takes a byte may be written as many without end. */
const STEPS_PER_BYTE = 8
const STEPS_FREE = 10_000

/** What a record carries: the bytes of the field that is asked for, or all of it. */
export type Carried = { readonly bytes: Buffer } | { readonly value: Json }

/** Reads the values of a block; throws an `AvroFault`. */
export class AvroValues {
  readonly #bytes: Buffer
  #at = 0
  #steps: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#steps = STEPS_FREE + STEPS_PER_BYTE * bytes.length
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Of a record of Event Hubs only its body is told. */
  read(type: AvroType): Carried {
    if (type.kind !== 'record') return { value: this.#value(type, 0) }
    const body = type.fields.find(({ name }) => name === 'Body')
    if (body === undefined || !holdsBytes(body.type)) return { value: this.#value(type, 0) }
    return { bytes: this.#bodyOf(type) ?? Buffer.alloc(0) }
  }

  #bodyOf(type: AvroRecord): Buffer | undefined {
    let found: Buffer | undefined
    for (const { name, type: its } of type.fields) {
      if (name === 'Body') found = this.#bytesOf(its)
      else this.#value(its, 1)
    }
    return found
  }

  #bytesOf(type: AvroType): Buffer | undefined {
    const branch = type.kind === 'union' ? this.#branch(type.of) : type
    if (branch.kind === 'bytes' || branch.kind === 'string') return this.#taken(this.#length())
    this.#value(branch, 1)
    return undefined
  }

  #value(type: AvroType, depth: number): Json {
    if (--this.#steps < 0 || depth > MOST_DEPTH)
      throw new AvroFault('an Avro block of more values than it has room for')
    switch (type.kind) {
      case 'null':
        return null
      case 'boolean':
        return this.#taken(1)[0] !== 0
      case 'long':
        return timeOf(this.#long(), type.logical)
      case 'float':
        return finite(this.#taken(4).readFloatLE(0))
      case 'double':
        return finite(this.#taken(8).readDoubleLE(0))
      case 'bytes':
      case 'string':
        return this.#taken(this.#length()).toString()
      case 'fixed':
        return this.#taken(type.size).toString('latin1')
      case 'enum':
        return type.symbols[this.#long()] ?? null
      case 'union':
        return this.#value(this.#branch(type.of), depth + 1)
      case 'array':
        return this.#items(() => this.#value(type.of, depth + 1))
      case 'map':
        return Object.fromEntries(
          this.#items((): readonly [string, Json] => {
            const name = this.#taken(this.#length()).toString()
            return [name, this.#value(type.of, depth + 1)]
          }),
        )
      case 'record': {
        const fields = type.fields.map(({ name, type: its }): [string, Json] => [name, this.#value(its, depth + 1)])
        return Object.fromEntries(fields)
      }
    }
  }

  #branch(of: readonly AvroType[]): AvroType {
    const branch = of[this.#long()]
    if (branch === undefined) throw new AvroFault('an Avro block with a value of no type')
    return branch
  }

  /** In blocks, each with how many it has; negative where the bytes that they take follow. */
  #items<T>(read: () => T): T[] {
    const items: T[] = []
    for (let count = this.#long(); count !== 0; count = this.#long()) {
      if (count < 0) this.#long()
      for (let rest = Math.abs(count); rest > 0; rest--) items.push(read())
    }
    return items
  }

  #length(): number {
    const length = this.#long()
    if (length < 0) throw new AvroFault('an Avro block with a length below zero')
    return length
  }

  #taken(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new AvroFault('an Avro block with a value that is longer than it')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #long(): number {
    const read = longAt(this.#bytes, this.#at)
    if (read === undefined) throw new AvroFault('an Avro block that ends within a number')
    this.#at = read.end
    return read.value
  }
}

/** A variable-length zig-zag number; undefined where the bytes end before it does, or it has more than 64 bits. Exact to 2^53. */
export function longAt(bytes: Buffer, from: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  let scale = 1
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return { value: value % 2 === 0 ? value / 2 : -(value + 1) / 2, end: at + 1 }
  }
  return undefined
}

function holdsBytes(type: AvroType): boolean {
  return type.kind === 'union' ? type.of.some(holdsBytes) : type.kind === 'bytes' || type.kind === 'string'
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['timestamp-millis', 1],
  ['timestamp-micros', 1000],
])
const LATEST = 8.64e15

/** Times of BigQuery as it prints them. */
function timeOf(count: number, logical: string): Json {
  const unit = UNITS.get(logical)
  if (unit === undefined) return count
  const time = Math.floor(count / unit)
  if (!(Math.abs(time) <= LATEST)) return count
  const text = new Date(time).toISOString()
  return unit === 1 ? text : `${text.slice(0, -1)}${`${((count % 1000) + 1000) % 1000}`.padStart(3, '0')}Z`
}

function finite(value: number): Json {
  return Number.isFinite(value) ? value : null
}
