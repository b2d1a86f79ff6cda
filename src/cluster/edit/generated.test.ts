import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isObject, type Json, type JsonObject } from '../json.ts'
import type { Edit } from './change.ts'
import { type Dice, diceOf, pathsOf, value, writeStream } from './generate.testing.ts'
import { append, changedLines, edited, read, remove, set } from './laws.testing.ts'

function anyEdit(object: JsonObject, fresh: Json, dice: Dice): Edit {
  const all = pathsOf(object)
  const pick = <T>(from: readonly T[]): T | undefined => from[dice(Math.max(from.length, 1))]
  const place = pick(all)
  switch (dice(5)) {
    case 0:
      return place && typeof place.path.at(-1) === 'string' ? set(place.path, fresh) : set(['added', 'here'], fresh)
    case 1:
      return place ? remove(place.path) : remove(['nowhere'])
    case 2: {
      const list = pick(all.filter((each) => Array.isArray(each.value)))
      return append(list?.path ?? ['list'], fresh)
    }
    case 3: {
      const map = pick(all.filter((each) => isObject(each.value) || each.value === null))
      return set([...(map?.path ?? []), 'new', 'deep'], fresh)
    }
    default:
      return set(['top'], fresh)
  }
}

const COMMENT = /^\s*#/
const object = value.filter((each) => isObject(each) && Object.keys(each).length > 0) as fc.Arbitrary<JsonObject>

function run(hasAliases: boolean, runs: number): { edits: number; refused: number } {
  const count = { edits: 0, refused: 0 }
  fc.assert(
    fc.property(object, value, fc.nat(), (meant, fresh, seed) => {
      const dice = diceOf(seed)
      const { bytes, extent } = writeStream(meant, dice, hasAliases)
      const text = bytes.toString('utf8', extent.start, extent.end)
      // Blank lines that `|+` keeps aside, it is what was meant.
      const body = read(text) as JsonObject
      const edits = [anyEdit(body, fresh, dice)]
      const made = edited(bytes, { source: 0, ...extent, inner: [] }, edits)
      count.edits++
      if ('why' in made) {
        count.refused++
        assert.ok(hasAliases, `${made.why}\n${JSON.stringify(edits)}\n${text}`)
        return
      }
      const { gone, added } = changedLines(bytes, made)
      const isNew = edits.every(({ op, path }) => op === 'append' || path.at(-1) === 'deep' || path[0] === 'top')
      if (isNew && !hasAliases)
        assert.deepEqual(
          gone.filter((line) => COMMENT.test(line) && !added.includes(line.trimEnd()) && !added.includes(line)),
          [],
          `${JSON.stringify(edits)}\n${text}\n=>\n${made}`,
        )
    }),
    { numRuns: runs, seed: 1 },
  )
  return count
}

test('without aliases no edit is refused, each is exact, and none loses a comment beside it', (context) => {
  const { edits } = run(false, 3_000)
  context.diagnostic(`${edits} edits`)
})

test('with aliases an edit is exact or refused', (context) => {
  const { edits, refused } = run(true, 1_500)
  context.diagnostic(`${edits} edits, ${refused} refused`)
  assert.ok(refused < edits / 5)
})
