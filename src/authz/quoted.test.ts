import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoted } from './quoted.ts'

// What Go 1.26 printed for fmt.Printf("%q").
const AS_GO: readonly (readonly [string, string])[] = [
  ['', '""'],
  ['a/b', '"a/b"'],
  ['say "x" \\', '"say \\"x\\" \\\\"'],
  ['\x00\x07\b\t\n\v\f\r\x1b\x7f', '"\\x00\\a\\b\\t\\n\\v\\f\\r\\x1b\\x7f"'],
  ['dörte 日本', '"dörte 日本"'],
  ['\u0085\u00a0\u00ad\u200b\u2028\ufeff', '"\\u0085\\u00a0\\u00ad\\u200b\\u2028\\ufeff"'],
  ['\u0301é😀', '"\u0301é😀"'],
  ['\ue000\u{f0000}', '"\\ue000\\U000f0000"'],
  ['<&>', '"<&>"'],
]

test('names are quoted as the API server does', () => {
  for (const [text, expected] of AS_GO) assert.equal(quoted(text), expected)
})
