import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationSeconds, mostStarts, parseSchedule, type Schedule } from './schedule.ts'

function scheduleOf(text: string): Schedule {
  const schedule = parseSchedule(text)
  assert.ok(schedule, text)
  return schedule
}

test('starts in any time of a length', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['*/5 * * * *', 300, 1],
    ['*/5 * * * *', 301, 2],
    ['*/5 * * * *', 3600, 12],
    ['@hourly', 3601, 2],
    ['@every 90s', 300, 4],
    ['@every 1h30m', 5400, 1],
    ['CRON_TZ=Europe/Berlin 0 0 * * *', 86_401, 2],
    // From 23:59 to 00:00.
    ['0,59 0,23 * * *', 61, 2],
    ['0 0 * * mon-fri', 5 * 86_400, 5],
    ['0 0 * * mon-fri', 3 * 86_400 + 1, 4],
    // Either the first of the month or a Monday.
    ['0 0 1 * 1', 86_401, 2],
    // A star with a step restricts, so either is enough again.
    ['0 0 */2 * 1', 86_401, 2],
    ['0 0 */1 * 1', 86_401, 1],
    // Leap days are four years apart.
    ['0 0 29 2 *', 4 * 365 * 86_400, 1],
    ['0 0 29 2 *', 4 * 366 * 86_400, 2],
    ['0 0 30 2 *', 1e9, 0],
    ['* * * * *', 10 * 86_400, 14_400],
  ]
  for (const [text, seconds, count] of cases)
    assert.equal(mostStarts(scheduleOf(text), seconds), count, `${text} ${seconds}`)
})

test('what the API server refuses is no schedule', () => {
  for (const text of [
    '',
    '* * * *',
    '60 * * * *',
    '* * * * 7',
    '5-1 * * * *',
    '*/0 * * * *',
    '@often',
    '@every x',
    `${'*,'.repeat(400)}* * * * *`,
  ])
    assert.equal(parseSchedule(text), undefined, text)
  assert.equal(durationSeconds('1h2m3s'), 3723)
})

test('as many as a clock counts that is asked at each minute', () => {
  let seed = 7
  const random = (most: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % most
  }
  const field = (most: number, from: number): string => {
    const kind = random(4)
    if (kind === 0) return '*'
    if (kind === 1) return `*/${1 + random(most - 1)}`
    const low = from + random(most - 1)
    return kind === 2 ? String(low) : `${low}-${Math.min(from + most - 1, low + random(5))}`
  }
  for (let round = 0; round < 60; round++) {
    const text = `${field(60, 0)} ${field(24, 0)} ${random(3) === 0 ? field(28, 1) : '*'} * ${field(7, 0)}`
    const seconds = 60 * (1 + random(4000)) + random(60)
    assert.equal(mostStarts(scheduleOf(text), seconds), naive(text, seconds), `${text} ${seconds}`)
  }
})

/** Two years of minutes, one by one; with days and weeks alone what repeats, repeats in them. */
function naive(text: string, seconds: number): number {
  const schedule = scheduleOf(text)
  assert.equal(schedule.kind, 'fields')
  if (schedule.kind !== 'fields') return 0
  const times = new Set(schedule.times)
  const starts: number[] = []
  for (let day = 0; day < 800; day++) {
    const date = new Date(Date.UTC(2024, 0, 1 + day))
    const inMonth = schedule.days.has(date.getUTCDate())
    const inWeek = schedule.weekdays.has(date.getUTCDay())
    if (!(schedule.either ? inMonth || inWeek : inMonth && inWeek)) continue
    for (let minute = 0; minute < 1440; minute++) if (times.has(minute)) starts.push(day * 86_400 + minute * 60)
  }
  let most = 0
  let first = 0
  starts.forEach((start, index) => {
    while ((starts[first] as number) + seconds <= start) first++
    most = Math.max(most, index - first + 1)
  })
  return most
}
