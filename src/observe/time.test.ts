import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from './time.ts'

test('times are those that Date reads, in whatever order they come', () => {
  const base = Date.UTC(2026, 0, 31, 23, 58)
  for (let index = 0; index < 2000; index++) {
    const time = base + ((index * 7919) % 300_000)
    const text = new Date(time).toISOString()
    for (const each of [text, text.replace('Z', '999999Z'), text.replace('Z', '+00:00')])
      assert.equal(instant(each), time)
    assert.equal(instant(text.replace(/\.\d+/, '')), time - (time % 1000))
    assert.equal(instant(text.replace(/\.(\d).*/, '.$1Z')), time - (time % 100))
  }
  assert.equal(instant('2026-05-01T12:00:00.5+02:00'), Date.UTC(2026, 4, 1, 10, 0, 0, 500))
})

test('what is no time, or was never set, is none', () => {
  instant('2026-05-01T10:00:00Z')
  const wrong = ['', 'now', '2026-05-01', '2026-05-01T10:00:0xZ', '2026-05-01T10:00:61Z', '2026-05-01T10:00:00.Z']
  const more = ['2026-05-01T10:00:00.1x2Z', '2026-05-01T10:00:000Z', '2026-13-01T10:00:00Z', '0001-01-01T00:00:00Z']
  for (const each of [...wrong, ...more, 7, null, undefined, {}, [], `2026-05-01T10:00:00.${'1'.repeat(100)}Z`])
    if (typeof each !== 'string' || each.length < 100) assert.equal(instant(each), undefined, String(each))
})
