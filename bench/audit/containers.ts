import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'

/** Files and records that hold others: of Avro, tar, and the Kinesis Producer Library. */

/** Variable-length, zig-zag. */
export function avroLong(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}

export function avroBytes(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([avroLong(bytes.length), bytes])
}

/** learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview */
const EVENT_DATA = JSON.stringify({
  type: 'record',
  name: 'EventData',
  namespace: 'Microsoft.ServiceBus.Messaging',
  fields: [
    { name: 'SequenceNumber', type: 'long' },
    { name: 'Offset', type: 'string' },
    { name: 'EnqueuedTimeUtc', type: 'string' },
    { name: 'SystemProperties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes'] } },
    { name: 'Properties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes', 'null'] } },
    { name: 'Body', type: ['null', 'bytes'] },
  ],
})

export type AvroCodec = 'null' | 'deflate'

/** `blocks`: the records of each, already written. */
export function avroFile(schema: string, codec: string, blocks: readonly (readonly Buffer[])[]): Buffer {
  const sync = createHash('md5').update(schema).digest()
  const header = [
    Buffer.from('Obj\u0001'),
    avroLong(2),
    ...[avroBytes('avro.codec'), avroBytes(codec), avroBytes('avro.schema'), avroBytes(schema), avroLong(0)],
    sync,
  ]
  const written = blocks.flatMap((records) => {
    const plain = Buffer.concat(records)
    const bytes = codec === 'deflate' ? deflateRawSync(plain) : plain
    return [avroLong(records.length), avroBytes(bytes), sync]
  })
  return Buffer.concat([...header, ...written])
}

/** What Event Hubs Capture writes of these events. */
export function captured(bodies: readonly string[], codec: AvroCodec): Buffer {
  const records = bodies.map((body, at) =>
    Buffer.concat([
      avroLong(at),
      avroBytes(`${at * 1000}`),
      avroBytes('11/2/2026 10:00:00 AM'),
      // One property of each type, and those that say of how many bytes they are.
      ...[
        avroLong(2),
        avroBytes('x-opt-publisher'),
        avroLong(2),
        avroBytes('p'),
        avroBytes('n'),
        avroLong(0),
        avroLong(-7),
      ],
      avroLong(0),
      ...[avroLong(-1), avroLong(3), avroBytes('k'), avroLong(4), avroLong(0)],
      avroLong(1),
      avroBytes(body),
    ]),
  )
  const blocks: Buffer[][] = []
  for (let from = 0; from < records.length; from += 3) blocks.push(records.slice(from, from + 3))
  return avroFile(EVENT_DATA, codec, blocks)
}

/** One record of Kinesis that carries several (awslabs/amazon-kinesis-producer aggregation-format.md). */
export function aggregated(records: readonly Buffer[]): Buffer {
  const varint = (value: number): Buffer => {
    const bytes: number[] = []
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 0x80) return Buffer.from([...bytes, rest])
      bytes.push((rest % 128) | 0x80)
    }
  }
  const field = (number: number, value: Buffer): Buffer =>
    Buffer.concat([varint(number * 8 + 2), varint(value.length), value])
  const message = Buffer.concat([
    field(1, Buffer.from('key')),
    ...records.map((data) => field(3, Buffer.concat([varint(8), varint(0), field(3, data)]))),
  ])
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()])
}

/** A tar archive of POSIX; names of more than 100 bytes as GNU and as pax write them. */
export function tarFile(files: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const parts = files.flatMap(([name, bytes], at) => {
    if (name.length <= 100) return [tarEntry(name, '0', bytes)]
    if (at % 2 === 0)
      return [tarEntry('././@LongLink', 'L', Buffer.from(`${name}\0`)), tarEntry(name.slice(0, 100), '0', bytes)]
    const record = ` path=${name}\n`
    const length = record.length + `${record.length + 3}`.length
    return [tarEntry('PaxHeaders/x', 'x', Buffer.from(`${length}${record}`)), tarEntry(name.slice(0, 100), '0', bytes)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

export function tarEntry(name: string, kind: string, bytes: Buffer, size = bytes.length): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(kind, 156)
  header.write('ustar\u000000', 257)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}
