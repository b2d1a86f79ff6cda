import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Limit } from '../../engines/traffic/limit.ts'
import { REFUSED } from '../../engines/traffic/models/limiter.ts'
import { limiterOf } from '../../engines/traffic/models/limiter-of.ts'
import { Slots } from './slots.ts'
import { nginx, random } from './testing.ts'

const LIMITS: readonly Limit[] = [
  nginx(5, 10),
  nginx(60, 3, { period: 60 }),
  nginx(4, 8, { algorithm: 'token-bucket' }),
  nginx(3, 5, { algorithm: 'delaying-token-bucket' }),
  nginx(6, 0, { algorithm: 'sliding-window', period: 2 }),
  nginx(6, 0, { algorithm: 'fixed-window', period: 2 }),
]

test('a number that was another’s makes no difference to any engine', () => {
  for (const limit of LIMITS)
    for (let seed = 1; seed <= 10; seed++) {
      const draw = random(seed)
      const slots = new Slots([limit])
      const plain = limiterOf(limit)
      const small = limiterOf(limit)
      let most = 0
      let refused = 0
      for (let at = 1_760_000_000_000, round = 0; round < 20_000; round++) {
        // Clients come for a while, few of them at a time, and never again or much later.
        const client = Math.floor(round / 40) + (draw() < 0.01 ? 0 : Math.floor(draw() * 5))
        at += draw() < 0.005 ? 4_000 : Math.floor(draw() * 60)
        const slot = slots.of(client, at)
        most = Math.max(most, slot)
        const verdict = plain?.admit(client, at)
        if (verdict === REFUSED) refused++
        assert.equal(small?.admit(slot, at), verdict, `${limit.algorithm} ${seed} ${round}`)
      }
      assert.ok(refused > 0)
      assert.ok(most < 250, `${most} of ${20_000 / 40} clients`)
    }
})

test('who may still be in flight keeps a number', () => {
  const slots = new Slots([
    { kind: 'connections', algorithm: 'concurrent', connections: 1, key: { kind: 'everyone' }, scope: 'global' },
  ])
  assert.deepEqual([slots.of(7, 0), slots.of(8, 1e12), slots.of(7, 2e12)], [0, 1, 0])
})
