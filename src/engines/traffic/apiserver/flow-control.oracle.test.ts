// What Kubernetes itself says (oracle/flowcontrol), for every release that was asked.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Json } from '../../../cluster/json.ts'
import { defaultsOf } from './defaults.ts'
import { classify, configured } from './flow-control.ts'
import type { FlowRequest } from './flow-request.ts'
import { flowSchemaOf } from './flow-schema.ts'
import { priorityLevelOf } from './priority-level.ts'
import { seatsOf } from './seats.ts'
import { workOf } from './work.ts'

interface Config {
  readonly server: number
  readonly own: boolean
  readonly without?: string
  readonly objects: readonly { readonly kind: string; readonly name: string; readonly spec: Json }[]
  readonly seats: Readonly<Record<string, object>>
  readonly asked: readonly (Partial<FlowRequest> & {
    readonly schema: string
    readonly level: string
    readonly distinguisher?: string
  })[]
}

interface Estimate {
  readonly url: string
  readonly verb: string
  readonly resource?: string
  readonly subresource?: string
  readonly name?: string
  readonly objects: number
  readonly size: number
  readonly watchers: number
  readonly maxSeats: number
  readonly initial: number
  readonly final: number
  readonly afterNs: number
}

interface Case {
  readonly config?: Config
  readonly estimate?: Estimate
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../oracle/vectors/flowcontrol.json', import.meta.url), 'utf8'),
) as {
  readonly checked: readonly string[]
  readonly differences: readonly { readonly kubernetes: string; readonly index: number; readonly case: Case }[]
  readonly cases: readonly Case[]
}

function* everyCase(): Generator<readonly [minor: number, asked: Case]> {
  for (const release of vectors.checked) {
    const minor = Number(release.split('.')[1])
    const others = new Map(
      vectors.differences.filter(({ kubernetes }) => kubernetes === release).map((each) => [each.index, each.case]),
    )
    for (const [index, each] of vectors.cases.entries()) yield [minor, others.get(index) ?? each]
  }
}

describe('flow control of Kubernetes', () => {
  test('seats of each level, and who takes which request', () => {
    let asked = 0
    let levels = 0
    for (const [minor, { config }] of everyCase()) {
      if (!config) continue
      const defaults = defaultsOf(minor)
      const isOwn = ({ name }: { readonly name: string }): boolean => config.own && name !== config.without
      const of = (kind: string) => config.objects.filter((each) => each.kind === kind)
      const control = configured(
        [...of('FlowSchema').map(({ name, spec }) => flowSchemaOf(name, spec)), ...defaults.schemas.filter(isOwn)],
        [
          ...of('PriorityLevelConfiguration').flatMap(({ name, spec }) => priorityLevelOf(name, spec) ?? []),
          ...defaults.levels.filter(isOwn),
        ],
        minor,
      )
      const seats = Object.fromEntries(seatsOf(control.levels.values(), config.server))
      assert.deepEqual({ ...seats }, { ...config.seats })
      levels += Object.keys(seats).length
      for (const { schema, level, distinguisher = '', ...request } of config.asked) {
        const told = classify(control, {
          ...{ user: '', groups: [], verb: '', group: '', resource: '', subresource: '', namespace: '', path: '' },
          ...request,
        })
        assert.deepEqual([told.schema.name, told.level.name, told.distinguisher], [schema, level, distinguisher])
        asked++
      }
    }
    assert.ok(asked >= 6000 && levels >= 2000, `${asked} requests, ${levels} levels`)
  })

  test('seats of each request', () => {
    const seen = new Set<number>()
    let asked = 0
    for (const [minor, { estimate }] of everyCase()) {
      if (!estimate) continue
      const { verb, resource = '', subresource = '', name = '', url, objects, size, watchers, maxSeats } = estimate
      const query = url.split('?')[1] ?? ''
      const stored = objects === -1 ? 'unknown' : objects === -2 ? 'stale' : { objects, bytes: size }
      const work = workOf({ verb, resource, subresource, name, query }, { minor, stored, watchers, most: maxSeats })
      const { seats, finalSeats, finalNs } = work
      const { initial, final, afterNs } = estimate
      assert.deepEqual([seats, finalSeats, finalNs], [initial, final, afterNs], JSON.stringify({ minor, ...estimate }))
      seen.add(seats)
      asked++
    }
    assert.ok(asked >= 6000 && seen.size >= 12, `${asked} requests, ${seen.size} numbers of seats`)
  })
})
