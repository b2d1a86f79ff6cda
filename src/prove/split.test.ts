import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCluster } from '../cluster/cluster.ts'
import { objectsOf } from '../cluster/testing.ts'
import { DAY_MS, dayOf } from '../engines/seen.ts'
import type { Access } from '../history/history.ts'
import { collectFacts } from './facts.ts'
import { PROOF_OPTIONS, prove } from './prove.ts'
import { fixOf, memory, START } from './testing.ts'
import { type Granted, world } from './testing-generated.ts'

const SEEDS = 50
const HALF_DAYS = 21
/** Proofs a subject. */
const FIXES = 5

const isUse = (access: Partial<Access>, { subject, verb, resource }: Granted): boolean =>
  access.user === `system:serviceaccount:shop:${subject}` && access.verb === verb && access.resource === resource

test('histories split in time: what holds on the first half holds on the second, and the unseen mass tells how much is new', async () => {
  const middle = START + HALF_DAYS * DAY_MS
  let holds = 0
  let broken = 0
  let fresh = 0
  let incidences = 0
  const masses: number[] = []
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { yaml, grants, accesses } = world(seed, 2 * HALF_DAYS)
    const objects = objectsOf(yaml)
    const cluster = buildCluster({ objects })
    const first = accesses.filter(({ time = 0 }) => time < middle)
    const second = accesses.filter(({ time = 0 }) => time >= middle)
    const facts = await collectFacts(memory({ accesses: first }), cluster)
    const later = await collectFacts(memory({ accesses: second }), cluster)
    const before = { cluster, enforced: 'yes' } as const
    for (const [, ofSubject] of Map.groupBy(grants, ({ subject }) => subject)) {
      const unused = ofSubject.filter((each) => !first.some((access) => isUse(access, each)))
      // Rights that are not used yet and will be stand anywhere among those that never are.
      unused.sort((a, b) => (`${a.verb}${a.resource}` < `${b.verb}${b.resource}` ? -1 : 1))
      const known = new Set(ofSubject.filter((each) => !unused.includes(each)))
      for (const each of ofSubject) {
        const days = new Set(second.filter((access) => isUse(access, each)).map(({ time = 0 }) => dayOf(time)))
        incidences += days.size
        if (!known.has(each)) fresh += days.size
      }
      let mass: number | undefined
      for (const each of unused.slice(0, FIXES)) {
        const after = {
          cluster: buildCluster({ objects: objects.filter(({ id }) => id !== each.binding) }),
          enforced: 'yes',
        } as const
        const proof = prove(before, after, [fixOf('access')], facts, PROOF_OPTIONS)
        mass = proof.unseenMass
        assert.notEqual(proof.verdict, 'breaks')
        if (proof.verdict !== 'holds') continue
        holds++
        if (!second.some((access) => isUse(access, each))) continue
        broken++
        const verdict = prove(before, after, [fixOf('access')], later, PROOF_OPTIONS)
        const [example] = verdict.counterexamples
        assert.equal(verdict.verdict, 'breaks')
        assert.equal(example?.what, `system:serviceaccount:shop:${each.subject} ${each.verb} ${each.resource} in shop`)
        assert.ok((example?.first ?? 0) >= middle, 'the behaviour was first seen in the second half')
      }
      if (mass !== undefined) masses.push(mass)
    }
  }
  const mean = masses.reduce((sum, mass) => sum + mass, 0) / masses.length
  const share = fresh / incidences
  const told = `${holds} hold, ${broken} of them break; ${share} is new, ${mean} was expected`
  assert.ok(holds >= 50, told)
  assert.ok(broken <= holds / 50, told)
  assert.ok(share <= 3 * mean && mean <= 3 * share, told)
  if (process.env.TOLD) console.log(told)
})
