import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildCluster } from '../cluster/cluster.ts'
import { objectsOf } from '../cluster/testing.ts'
import { DAY_MS } from '../engines/seen.ts'
import type { Access } from '../history/history.ts'
import { collectFacts } from './facts.ts'
import { prove } from './prove.ts'
import { account, fixOf, memory, START } from './testing.ts'

/** Proofs of removed bindings against a model that asks for each record, straight from the text of RBAC. */

const SUBJECTS = ['a', 'b', 'c'] as const
const VERBS = ['get', 'list', 'create'] as const
const RESOURCES = ['pods', 'secrets'] as const
/** Where a request or a right is: everywhere, in one of the two namespaces that bindings are in, or in a third. */
const PLACES = ['', 'x', 'y', 'z'] as const
const ALL = ['one', 'two', 'three'] as const

interface Binding {
  readonly verbs: readonly string[]
  readonly resources: readonly string[]
  readonly subjects: readonly string[]
  readonly namespace: string
  readonly goes: boolean
}

interface Use {
  readonly subject: string
  readonly verb: string
  readonly resource: string
  readonly namespace: string
  readonly day: number
  readonly kind: 'used' | 'denied' | 'dry-run'
}

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 })
const binding: fc.Arbitrary<Binding> = fc.record({
  verbs: fc.oneof({ weight: 4, arbitrary: some(VERBS) }, { weight: 1, arbitrary: fc.constant(['*']) }),
  resources: fc.oneof({ weight: 4, arbitrary: some(RESOURCES) }, { weight: 1, arbitrary: fc.constant(['*']) }),
  subjects: some([...SUBJECTS, 'group']),
  namespace: fc.constantFrom('', 'x', 'y'),
  goes: fc.boolean(),
})
const use: fc.Arbitrary<Use> = fc.record({
  subject: fc.constantFrom(...SUBJECTS),
  verb: fc.constantFrom(...VERBS),
  resource: fc.constantFrom(...RESOURCES),
  namespace: fc.constantFrom(...PLACES),
  day: fc.nat(13),
  kind: fc.constantFrom('used', 'used', 'used', 'denied', 'dry-run'),
})

function objectOf({ verbs, resources, subjects, namespace }: Binding, index: number): string {
  const isCluster = namespace === ''
  return JSON.stringify({
    kind: 'List',
    apiVersion: 'v1',
    items: [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: `r${index}` },
        rules: [{ verbs, apiGroups: [''], resources }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: isCluster ? 'ClusterRoleBinding' : 'RoleBinding',
        metadata: { name: `b${index}`, ...(isCluster ? {} : { namespace }) },
        roleRef: { kind: 'ClusterRole', name: `r${index}` },
        subjects: subjects.map((name) =>
          name === 'group'
            ? { kind: 'Group', name: 'system:serviceaccounts:shop' }
            : { kind: 'ServiceAccount', name, namespace: 'shop' },
        ),
      },
    ],
  })
}

const holds = (values: readonly string[], wanted: string): boolean => values.includes('*') || values.includes(wanted)

function allows(
  bindings: readonly Binding[],
  { subject, verb, resource, namespace }: Omit<Use, 'day' | 'kind'>,
): boolean {
  return bindings.some(
    (each) =>
      (each.subjects.includes(subject) || each.subjects.includes('group')) &&
      (each.namespace === '' || each.namespace === namespace) &&
      holds(each.verbs, verb) &&
      holds(each.resources, resource),
  )
}

function recordOf({ subject, verb, resource, namespace, day, kind }: Use): Partial<Access> {
  return {
    ...account('shop', subject),
    verb,
    resource,
    namespace,
    time: START + day * DAY_MS,
    dryRun: kind === 'dry-run',
    ...(kind === 'denied' ? ({ decision: 'forbid', code: 403 } as const) : {}),
  }
}

/** Everything that there is was done by someone every day, so that nothing is a blind spot of the log. */
const shown: readonly Partial<Access>[] = Array.from({ length: 14 }, (_, day) =>
  [...VERBS, 'watch', 'update', 'patch', 'delete'].flatMap((verb) =>
    [...RESOURCES, ...ALL].map((resource) => ({
      user: 'root',
      groups: ['system:masters'],
      verb,
      resource,
      time: START + day * DAY_MS,
    })),
  ),
).flat()
const bodies: readonly Partial<Access>[] = [
  {
    user: 'root',
    groups: ['system:masters'],
    verb: 'create',
    group: 'authorization.k8s.io',
    resource: 'subjectaccessreviews',
    time: START,
    review: {
      user: 'nobody',
      groups: [],
      verb: 'get',
      resource: 'pods',
      group: '',
      subresource: '',
      namespace: '',
      name: '',
      path: '',
      allowed: false,
    },
  },
]

test('the verdict is that of a model which asks for each record', async () => {
  let held = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(binding, { minLength: 1, maxLength: 5 }),
      fc.array(use, { maxLength: 25 }),
      async (bindings, uses) => {
        const kept = bindings.filter(({ goes }) => !goes)
        const objects = bindings.map((each, index) => objectsOf(objectOf(each, index)))
        const cluster = buildCluster({ objects: objects.flat() })
        const after = buildCluster({
          objects: objects.flatMap((each, index) =>
            bindings[index]?.goes ? each.filter(({ kind }) => kind === 'ClusterRole') : each,
          ),
        })
        const history = memory({ accesses: [...shown, ...bodies, ...uses.map(recordOf)] })
        const facts = await collectFacts(history, cluster)
        const enforced = 'yes' as const
        const proof = prove({ cluster, enforced }, { cluster: after, enforced }, [fixOf('access')], facts, {
          minDays: 7,
          maxUnseen: 1,
        })
        const breaks = uses.some((each) => each.kind === 'used' && allows(bindings, each) && !allows(kept, each))
        assert.equal(proof.verdict === 'breaks', breaks)
        if (breaks) return
        assert.equal(proof.verdict === 'holds', isSure(bindings, kept, uses), proof.reasons.join('; '))
        if (proof.verdict === 'holds') held++
      },
    ),
    { numRuns: 400, seed: 42 },
  )
  assert.ok(held > 20, `${held} held`)
})

/** Every subject that a removed binding names has a use; of those that lose anything, today's rules explain all. */
function isSure(bindings: readonly Binding[], kept: readonly Binding[], uses: readonly Use[]): boolean {
  const named = new Set(bindings.filter(({ goes }) => goes).flatMap(({ subjects }) => subjects))
  const used = uses.filter(({ kind }) => kind === 'used')
  if (named.size === 0 || used.length === 0) return false
  for (const name of named)
    if (name === 'group' ? used.length === 0 : !used.some(({ subject }) => subject === name)) return false
  return !SUBJECTS.some((subject) => {
    const isNamed = named.has(subject) || named.has('group')
    const loses =
      isNamed &&
      [...VERBS, 'delete'].some((verb) =>
        [...RESOURCES, 'other'].some((resource) =>
          PLACES.some((namespace) => {
            const right = { subject, verb, resource, namespace }
            return allows(bindings, right) && !allows(kept, right)
          }),
        ),
      )
    const own = uses.filter((each) => each.subject === subject)
    return own.some(
      (each) =>
        (each.kind === 'used' && !allows(bindings, each) && loses) ||
        (each.kind === 'denied' && allows(bindings, each) && !allows(kept, each)),
    )
  })
}
