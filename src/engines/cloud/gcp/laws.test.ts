import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type GcpBinding, type GcpDeny, type GcpWorld, gcpDecide } from './decide.ts'

const RESOURCES = ['organizations/9', 'folders/1', 'projects/p', 'projects/q'] as const
const member = fc.constantFrom(
  'user:a@x.org',
  'user:b@x.org',
  'group:g@x.org',
  'group:h@x.org',
  'allUsers',
  'serviceAccount:a@x.org',
)
const condition = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  'request.time < timestamp("2000-01-01T00:00:00Z")',
  'resource.type == "x"',
)
const binding: fc.Arbitrary<GcpBinding> = fc
  .record({
    role: fc.constantFrom(
      'roles/container.viewer',
      'roles/container.developer',
      'roles/container.admin',
      'roles/unheard.of',
    ),
    members: fc.array(member, { maxLength: 2 }),
    condition,
  })
  .map(({ condition: expression, ...rest }) => ({
    ...rest,
    ...(expression !== undefined && { condition: expression }),
  }))
const denial: fc.Arbitrary<GcpDeny> = fc
  .record({
    deniedPrincipals: fc.array(
      fc.constantFrom(
        'principal://goog/subject/a@x.org',
        'principalSet://goog/public:all',
        'principalSet://goog/group/g@x.org',
      ),
      { maxLength: 2 },
    ),
    deniedPermissions: fc.subarray([
      'container.googleapis.com/pods.exec',
      'container.googleapis.com/*.get',
      'container.googleapis.com/secrets.list',
    ]),
    condition,
  })
  .map(({ condition: expression, ...rest }) => ({
    ...rest,
    ...(expression !== undefined && { condition: expression }),
  }))

const case_ = fc.record({
  bindings: fc.array(fc.tuple(fc.constantFrom(...RESOURCES), binding), { maxLength: 5 }),
  denies: fc.array(fc.tuple(fc.constantFrom(...RESOURCES), denial), { maxLength: 1 }),
  permission: fc.constantFrom(
    'container.pods.get',
    'container.pods.exec',
    'container.secrets.list',
    'container.roles.bind',
  ),
  groups: fc.constantFrom<readonly string[] | undefined>(undefined, [], ['g@x.org']),
})
type Case = typeof case_ extends fc.Arbitrary<infer T> ? T : never

const grouped = <T>(list: readonly (readonly [string, T])[]): Map<string, T[]> => {
  const found = new Map<string, T[]>(RESOURCES.map((resource) => [resource, []]))
  for (const [resource, each] of list) found.get(resource)?.push(each)
  return found
}
const worldOf = ({ bindings, denies }: Pick<Case, 'bindings' | 'denies'>): GcpWorld => ({
  bindings: grouped(bindings),
  denies: grouped(denies),
  parents: new Map([
    ['projects/p', ['folders/1']],
    ['folders/1', ['organizations/9']],
    ['projects/q', ['organizations/9']],
  ]),
})
const rank = { no: 0, maybe: 1, yes: 2 } as const
const ask = (each: Case) =>
  gcpDecide(
    {
      who: { kind: 'user', email: 'a@x.org', ...(each.groups !== undefined && { groups: each.groups }) },
      permission: each.permission,
      resource: '//container.googleapis.com/projects/p/locations/l/clusters/c',
    },
    worldOf(each),
  )

describe('laws of Google Cloud', () => {
  const runs = { numRuns: 1500 }
  test('another binding never narrows, another denial never widens', () => {
    fc.assert(
      fc.property(case_, fc.constantFrom(...RESOURCES), binding, denial, (each, resource, more, less) => {
        const before = rank[ask(each).answer]
        assert.ok(rank[ask({ ...each, bindings: [...each.bindings, [resource, more]] }).answer] >= before)
        assert.ok(rank[ask({ ...each, denies: [...each.denies, [resource, less]] }).answer] <= before)
      }),
      runs,
    )
  })
  test('groups that are known settle what was maybe, and turn no sure answer', () => {
    fc.assert(
      fc.property(case_, (each) => {
        const open = ask({ ...each, groups: undefined }).answer
        for (const groups of [[], ['g@x.org'], ['g@x.org', 'h@x.org']]) {
          const known = ask({ ...each, groups }).answer
          if (open !== 'maybe') assert.equal(known, open)
        }
      }),
      runs,
    )
  })
  test('what is bound elsewhere changes nothing', () => {
    fc.assert(
      fc.property(case_, binding, (each, more) => {
        assert.equal(ask({ ...each, bindings: [...each.bindings, ['projects/q', more]] }).answer, ask(each).answer)
      }),
      runs,
    )
  })
  test('a sure answer has a binding, or a denial, that gives it', () => {
    const seen = { yes: 0, no: 0, maybe: 0 }
    fc.assert(
      fc.property(case_, (each) => {
        const { answer, because } = ask(each)
        seen[answer] += 1
        if (answer === 'yes') assert.ok(because.some(({ answer: one, rule }) => one === 'yes' && 'role' in rule))
        if (answer === 'maybe') assert.notEqual(because.length, 0)
      }),
      runs,
    )
    assert.ok(seen.yes > 100 && seen.no > 100 && seen.maybe > 100, JSON.stringify(seen))
  })
})
