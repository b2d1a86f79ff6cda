// `node examples/shop/recording/generate.ts` writes examples/shop/history anew: the same on every run.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { audit } from './audit.ts'
import { flows } from './flows.ts'

const folder = new URL('../history/', import.meta.url)
for (const [name, text] of [
  ['audit.jsonl.gz', audit()],
  ['flows.jsonl.gz', flows()],
] as const) {
  const packed = gzipSync(text, { level: 9 })
  writeFileSync(new URL(name, folder), packed)
  const lines = text.split('\n').length - 1
  console.log(`${fileURLToPath(new URL(name, folder))}: ${lines} lines, ${packed.length} bytes`)
}
