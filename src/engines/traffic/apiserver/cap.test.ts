import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { buildCluster } from '../../../cluster/cluster.ts'
import type { Json } from '../../../cluster/json.ts'
import type { Subject } from '../../../cluster/rbac.ts'
import { objectsOf } from '../../../cluster/testing.ts'
import { capOf, sharesFor } from './cap.ts'
import { defaultsOf } from './defaults.ts'
import { classify, configured, type FlowControl, flowControlOf } from './flow-control.ts'
import type { FlowRequest } from './flow-request.ts'
import { flowSchemaOf } from './flow-schema.ts'
import { priorityLevelOf } from './priority-level.ts'
import { seatsOf } from './seats.ts'

const USER = 'system:serviceaccount:a:runaway'
const subject: Subject = { kind: 'ServiceAccount', namespace: 'a', name: 'runaway' }
const groups = ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated']
const list: FlowRequest = {
  ...{ user: USER, groups, verb: 'list', group: '', resource: 'configmaps', subresource: '', namespace: '', path: '' },
}

function controlOf(yaml = ''): FlowControl {
  return flowControlOf(buildCluster({ objects: yaml === '' ? [] : objectsOf(yaml) }))
}

function cap(control: FlowControl, options: Partial<Parameters<typeof capOf>[0]> = {}) {
  return capOf({
    subject,
    user: USER,
    groups,
    kinds: [list],
    control,
    serverSeats: 600,
    minor: 36,
    shares: 5,
    ...options,
  })
}

/** The configuration that an API server has when the two objects are applied. */
function withCap(control: FlowControl, made: NonNullable<ReturnType<typeof cap>>): FlowControl {
  const schema = flowSchemaOf(made.name, made.schema.spec)
  const level = priorityLevelOf(made.name, made.level.spec)
  assert.ok(level)
  return configured([...control.schemas, schema], [...control.levels.values(), level], 36)
}

const EARLY = `
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: early}
spec:
  matchingPrecedence: 700
  priorityLevelConfiguration: {name: workload-high}
  rules:
    - subjects: [{kind: Group, group: {name: "system:serviceaccounts:a"}}]
      resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}]
`

describe('a cap', () => {
  test('of five shares has twelve of 600 seats, and takes them from every level', () => {
    const made = cap(controlOf())
    assert.deepEqual(made?.seats, { nominal: 12, lower: 0, upper: 12, most: 2 })
    assert.deepEqual([made?.name, made?.precedence], ['cap-a-runaway', 8000])
    assert.deepEqual(
      made?.levels.find(({ name }) => name === 'workload-low'),
      { name: 'workload-low', before: 245, after: 240 },
    )
  })

  test('takes all requests of the one, and none of any other', () => {
    const control = controlOf(EARLY)
    const made = cap(control)
    assert.ok(made)
    assert.equal(made.precedence, 699)
    const capped = withCap(control, made)
    assert.equal(classify(capped, list).schema.name, made.name)
    assert.equal(classify(capped, { ...list, resource: '', path: '/metrics' }).schema.name, made.name)
    assert.equal(classify(capped, { ...list, namespace: 'b', verb: 'patch' }).schema.name, made.name)
    // Probes are exempt before it.
    assert.equal(classify(capped, { ...list, resource: '', verb: 'get', path: '/healthz' }).schema.name, 'probes')
    for (const user of ['system:serviceaccount:a:runaway2', 'system:serviceaccount:aa:runaway', 'alice'])
      assert.equal(classify(capped, { ...list, user }).schema.name, classify(control, { ...list, user }).schema.name)
  })

  test('comes before what the input has for it, though nothing was recorded', () => {
    assert.equal(cap(controlOf(EARLY), { kinds: [] })?.precedence, 699)
    assert.equal(cap(controlOf(), { kinds: [] })?.precedence, 8000)
  })

  test('cannot hold who is exempt', () => {
    const masters = { ...list, user: 'root', groups: ['system:masters'] }
    const who = {
      subject: { kind: 'User', namespace: '', name: 'root' } as const,
      user: 'root',
      groups: masters.groups,
    }
    assert.equal(cap(controlOf(), { ...who, kinds: [masters] }), undefined)
  })

  test('has a name that the API server takes and that nothing has yet', () => {
    const taken = EARLY.replace('name: early', 'name: cap-a-runaway')
    assert.match(cap(controlOf(taken))?.name ?? '', /^cap-a-runaway-[0-9a-f]{8}$/)
    const names = ['alice@example.org', '../../etc', 'Ä', 'x'.repeat(300), 'system:node:n1', '__proto__'].map(
      (name) => {
        const made = cap(controlOf(), { subject: { kind: 'User', namespace: '', name }, user: name, kinds: [] })
        return made?.name ?? ''
      },
    )
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])$/)
  })

  test('property: the fewest shares that give so many seats', () => {
    const levels = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(
        levels,
        fc.integer({ min: 2, max: 3000 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (all, server, part) => {
          const seats = Math.max(1, Math.floor(server * part))
          const level = (name: string, shares: number) =>
            ({
              ...{ name, shares, exempt: false, lendablePercent: 0, borrowingLimitPercent: 0 },
              queuing: undefined,
            }) as const
          const known = all.map((shares, at) => level(`l${at}`, shares))
          const control = { schemas: [], levels: new Map(known.map((each) => [each.name, each])) }
          const shares = sharesFor(seats, control, server)
          const nominal = (count: number): number =>
            seatsOf([...known, level('cap', count)], server).get('cap')?.nominal ?? 0
          assert.ok(nominal(shares) >= seats)
          assert.ok(shares === 1 || nominal(shares - 1) < seats)
        },
      ),
    )
  })
})

interface Config {
  readonly objects: readonly { readonly kind: string; readonly name: string; readonly spec: Json }[]
  readonly asked: readonly (Partial<FlowRequest> & { readonly user: string })[]
}

describe('a cap among random objects', () => {
  test('takes all that the one asks and that is not exempt, and nothing of anybody else', () => {
    const text = readFileSync(new URL('../../../../oracle/vectors/flowcontrol.json', import.meta.url), 'utf8')
    const { cases } = JSON.parse(text) as { readonly cases: readonly { readonly config?: Config }[] }
    const defaults = defaultsOf(36)
    let taken = 0
    let none = 0
    for (const { config } of cases) {
      if (!config) continue
      const of = (kind: string) => config.objects.filter((each) => each.kind === kind)
      const control = configured(
        [...of('FlowSchema').map(({ name, spec }) => flowSchemaOf(name, spec)), ...defaults.schemas],
        [
          ...of('PriorityLevelConfiguration').flatMap(({ name, spec }) => priorityLevelOf(name, spec) ?? []),
          ...defaults.levels,
        ],
        36,
      )
      const asked = config.asked.map(
        (each): FlowRequest => ({ ...list, resource: '', verb: '', ...each, groups: each.groups ?? [] }),
      )
      for (const user of new Set(asked.map((each) => each.user))) {
        const kinds = asked.filter((each) => each.user === user)
        const who = { kind: 'User', namespace: '', name: user } as const
        const made = cap(control, { subject: who, user, groups: [], kinds })
        if (!made) {
          none++
          continue
        }
        const capped = withCap(control, made)
        for (const each of asked) {
          const today = classify(control, each)
          const then = classify(capped, each)
          const { precedence, name } = today.schema
          const isLater: boolean = precedence > made.precedence || (precedence === made.precedence && name > made.name)
          assert.ok(each.user !== user || today.level.exempt || isLater)
          const isTaken: boolean = each.user === user && isLater
          assert.equal(then.schema.name, isTaken ? made.name : today.schema.name)
          taken += isTaken ? 1 : 0
        }
      }
    }
    assert.ok(taken > 500 && none > 10, `${taken} taken, ${none} that nothing can cap`)
  })
})

describe('objects of the input', () => {
  test('win over what an API server makes for itself, but for the mandatory ones', () => {
    const control = controlOf(`
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: workload-low}
spec: {type: Limited, limited: {nominalConcurrencyShares: 10, limitResponse: {type: Reject}}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: catch-all}
spec: {type: Limited, limited: {nominalConcurrencyShares: 100, limitResponse: {type: Reject}}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: service-accounts}
spec:
  matchingPrecedence: 9000
  priorityLevelConfiguration: {name: gone}
`)
    assert.equal(control.levels.get('workload-low')?.shares, 10)
    assert.equal(control.levels.get('catch-all')?.shares, 5)
    // Its level is not there: the next one that matches takes the request.
    assert.equal(classify(control, list).schema.name, 'global-default')
  })
})
