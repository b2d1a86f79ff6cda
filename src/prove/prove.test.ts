import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DAY_MS } from '../engines/seen.ts'
import { HIDES } from '../observe/audit/form.ts'
import type { Proof } from './proof.ts'
import { account, auditPolicy, daily, grant, question, type Recorded, SECRETS, START } from './testing.ts'

const CI = account('shop', 'ci')
const BINDING = (name: string): string => `RoleBinding/shop/${name}`
const get = { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db' }
const list = { ...CI, verb: 'list', resource: 'pods', namespace: 'shop' }
/** Shows that gets of secrets are logged, by someone whom nothing affects. */
const other = { user: 'auditor', groups: ['system:masters'], verb: 'get', resource: 'secrets', namespace: 'ops' }

const PODS = 'verbs: [list], apiGroups: [""], resources: [pods]'
const YAML = grant('secrets', SECRETS) + grant('pods', PODS)

/** Of the removal of `secrets`, with a subject that otherwise lists pods every day. */
async function proofOf(more: Recorded['accesses'], audit: Recorded['audit'] = {}, yaml = YAML): Promise<Proof> {
  const accesses = [...daily(14, list), ...daily(14, other), ...(more ?? [])]
  return (await question(yaml, [BINDING('secrets')], { accesses, audit })).prove()
}

function kinds({ blindSpots }: Proof): readonly string[] {
  return blindSpots.map(({ kind }) => kind)
}

test('a right that was never used goes', async () => {
  const proof = await proofOf([])
  assert.deepEqual([proof.verdict, proof.reasons, proof.blindSpots], ['holds', [], []])
  assert.deepEqual(proof.control, { explained: 14, unexplained: 0 })
  assert.equal(proof.replayed, 14)
  assert.equal(proof.window.days, 14)
  assert.equal(proof.unseenMass, 0)
})

test('a right that was used stays: the counterexample is the record', async () => {
  const proof = await proofOf([
    { ...get, time: START + 3 * DAY_MS },
    { ...get, time: START + 5 * DAY_MS },
  ])
  assert.equal(proof.verdict, 'breaks')
  const [example] = proof.counterexamples
  assert.equal(example?.what, 'system:serviceaccount:shop:ci get secrets in shop')
  assert.equal(example?.why, 'RoleBinding shop/secrets gave it and is gone; nothing else gives it')
  assert.deepEqual([example?.times, example?.first], [2, START + 3 * DAY_MS])
  assert.deepEqual(example?.place, { file: 'audit.log', line: 29 })
  assert.equal(JSON.parse(example?.raw ?? '').auditID, 'event-28')
})

describe('two bindings that grant the same right', () => {
  const yaml = grant('one', SECRETS) + grant('two', SECRETS)
  const accesses = daily(14, get)
  for (const name of ['one', 'two'])
    test(`${name} may go alone`, async () => {
      assert.equal((await question(yaml, [BINDING(name)], { accesses })).prove().verdict, 'holds')
    })
  test('both may not', async () => {
    const proof = (await question(yaml, [BINDING('one'), BINDING('two')], { accesses })).prove()
    assert.equal(proof.verdict, 'breaks')
    assert.equal(proof.counterexamples[0]?.times, 14)
  })
  test('a group that grants it is enough', async () => {
    const group = grant('all', SECRETS, 'kind: Group, name: "system:serviceaccounts:shop"')
    assert.equal(
      (await question(yaml + group, [BINDING('one'), BINDING('two')], { accesses })).prove().verdict,
      'holds',
    )
  })
})

test('nothing replayed is unknown', async () => {
  const silent = await question(YAML, [BINDING('secrets')], { accesses: daily(14, other) })
  assert.deepEqual(silent.prove().verdict, 'unknown')
  assert.equal(silent.prove().reasons[0], 'nothing was recorded for ServiceAccount shop/ci')
  const empty = await question(YAML, [BINDING('secrets')], { accesses: [] })
  assert.equal(empty.prove().verdict, 'unknown')
  const none = await question(YAML, [BINDING('secrets')], undefined)
  assert.deepEqual([none.prove().verdict, none.prove().reasons], ['unknown', ['no recorded history was given']])
  const unchanged = await question(YAML, [], { accesses: daily(14, list) })
  assert.deepEqual([unchanged.prove().verdict, unchanged.prove().reasons], ['unknown', ['nothing was replayed']])
})

test('a record that the rules of today do not explain makes it unknown, and is counted', async () => {
  const proof = await proofOf(daily(2, { ...get, verb: 'delete' }))
  assert.equal(proof.verdict, 'unknown')
  assert.deepEqual(proof.control, { explained: 14, unexplained: 2 })
  assert.deepEqual(kinds(proof), ['unexplained'])
  assert.match(proof.reasons.at(-1) ?? '', /^2 recorded requests of ServiceAccount shop\/ci are not explained/)
})

test('a record of someone else that nothing explains changes nothing', async () => {
  assert.equal((await proofOf([{ user: 'eve', verb: 'delete', resource: 'nodes' }])).verdict, 'holds')
})

test('a dry run is no use', async () => {
  const proof = await proofOf(daily(3, { ...get, dryRun: true }))
  assert.deepEqual([proof.verdict, proof.replayed], ['holds', 14])
})

test('403 and 401 are no uses; 404 is one, which the authorizer allowed', async () => {
  const denied = { ...get, verb: 'delete', decision: 'forbid', code: 403 } as const
  assert.equal((await proofOf([denied, { ...get, decision: 'untold', code: 401 }])).verdict, 'holds')
  assert.equal((await proofOf([{ ...get, code: 404 }])).verdict, 'breaks')
  assert.equal((await proofOf([{ ...get, decision: 'untold', code: 404 }])).verdict, 'breaks')
})

test('a 403 that today would be allowed is not explained', async () => {
  const proof = await proofOf([{ ...get, decision: 'forbid', code: 403 }])
  assert.deepEqual([proof.verdict, proof.control.unexplained, kinds(proof)], ['unknown', 1, ['unexplained']])
})

describe('a delegated check', () => {
  const yaml = `${YAML}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: scrape}
rules: [{verbs: [get], apiGroups: [""], resources: [nodes/metrics]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: scrape}
roleRef: {kind: ClusterRole, name: scrape}
subjects: [{kind: ServiceAccount, name: ci, namespace: shop}]`
  const sar = {
    user: 'system:node:worker-1',
    groups: ['system:nodes', 'system:authenticated'],
    verb: 'create',
    group: 'authorization.k8s.io',
    resource: 'subjectaccessreviews',
    code: 201,
  }
  const body = {
    ...CI,
    verb: 'get',
    resource: 'nodes',
    group: '',
    subresource: 'metrics',
    namespace: '',
    name: 'worker-1',
    path: '',
    allowed: true,
  }
  const proofWith = async (...more: NonNullable<Recorded['accesses']>) => {
    const accesses = [...daily(14, list), ...more]
    return (await question(yaml, ['ClusterRoleBinding//scrape'], { accesses })).prove()
  }
  test('whose body was recorded is a use of the subject', async () => {
    const proof = await proofWith(...daily(14, { ...sar, review: body }))
    assert.equal(proof.verdict, 'breaks')
    assert.equal(proof.counterexamples[0]?.what, 'system:serviceaccount:shop:ci get nodes/metrics')
  })
  test('that was refused is none', async () => {
    assert.equal((await proofWith(...daily(14, { ...sar, review: { ...body, allowed: false } }))).verdict, 'holds')
  })
  test('about someone else is none', async () => {
    const review = { ...body, user: 'eve', groups: [] }
    assert.equal((await proofWith(...daily(14, { ...sar, review }))).verdict, 'holds')
  })
  test('whose body was not recorded makes it unknown', async () => {
    const proof = await proofWith(...daily(14, sar))
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['delegated-check']])
    assert.equal(proof.blindSpots[0]?.instance, 'audit.log:15')
    assert.deepEqual(proof.blindSpots[0]?.touches, ['ServiceAccount/shop/ci'])
  })
  test('that the log does not show at all makes it unknown', async () => {
    assert.deepEqual(kinds(await proofWith()), ['delegated-check'])
  })
  test('does not touch a right that no one else checks', async () => {
    assert.equal((await proofOf([sar], {}, yaml)).verdict, 'holds')
    const scheduler = { ...sar, user: 'system:kube-scheduler', groups: ['system:authenticated'] }
    assert.equal((await proofOf([scheduler], {}, yaml)).verdict, 'holds')
  })
  test('of neither a node nor the control plane touches every right', async () => {
    const proof = await proofOf(daily(10, { ...sar, ...account('monitoring', 'kube-rbac-proxy') }))
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['delegated-check']])
    assert.equal(proof.blindSpots[0]?.instance, 'audit.log:29')
    assert.match(proof.reasons[0] ?? '', /^get secrets may be checked by others too: 10 SubjectAccessReviews/)
  })
})

test('a watch that was opened before the window may hide others', async () => {
  const yaml = YAML + grant('watches', 'verbs: [watch], apiGroups: [""], resources: [pods]')
  const proof = await proofOf([{ ...list, verb: 'watch', time: START - DAY_MS, end: START + DAY_MS }], {}, yaml)
  assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['opened-before']])
  assert.deepEqual([proof.window.from, proof.window.days], [START, 14])
})

test('rows that do not tell as whom a request was done leave open by whom a right was used', async () => {
  const asked = (form: 'aks' | 'aks-table') =>
    proofOf([], { forms: [{ form, records: 14, hides: HIDES[form] }], hides: HIDES[form] })
  const proof = await asked('aks-table')
  assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['hidden-impersonation']])
  assert.deepEqual([proof.blindSpots[0]?.instance, proof.blindSpots[0]?.touches], ['audit.log', []])
  assert.match(proof.reasons[0] ?? '', /^14 records of the audit log tell who asked and not as whom/)
  assert.equal((await asked('aks')).verdict, 'holds')
})

describe('a CronJob', () => {
  const cron = (schedule: string): string => `${YAML}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "${schedule}"
  jobTemplate: {spec: {template: {spec: {serviceAccountName: ci, containers: [{name: main, image: x}]}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {serviceAccountName: ci, containers: [{name: main, image: x}]}}}`
  const asPod = (name: string) => ({ ...list, pod: { name, uid: '', node: '' } })
  const web = daily(14, asPod('web-5d4f8c7b9-x2x7k'))
  const proofWith = async (yaml: string, more: NonNullable<Recorded['accesses']> = []) => {
    const accesses = [...web, ...daily(14, other), ...more]
    return (await question(yaml, [BINDING('secrets')], { accesses })).prove()
  }
  test('that was not due in the window', async () => {
    const proof = await proofWith(cron('0 3 20 * *'))
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['not-fired']])
    assert.equal(proof.reasons[0], 'CronJob shop/report was not due in the window (0 3 20 * *)')
  })
  test('that was due and did not run', async () => {
    assert.equal(
      (await proofWith(cron('0 3 * * *'))).reasons[0],
      'CronJob shop/report was not seen to run in the window',
    )
  })
  test('that ran has been seen', async () => {
    const ran = daily(14, asPod('report-29456789-abcde'))
    assert.equal((await proofWith(cron('0 3 * * *'), ran)).verdict, 'holds')
  })
  test('that ran and asked for nothing has been seen, by its Jobs', async () => {
    const made = daily(14, {
      ...account('kube-system', 'cronjob-controller'),
      verb: 'create',
      group: 'batch',
      resource: 'jobs',
      namespace: 'shop',
      name: 'report-29456789',
      code: 201,
    })
    assert.equal((await proofWith(cron('0 3 * * *'), made)).verdict, 'holds')
  })
  test('of another account is none of its business', async () => {
    assert.equal(
      (await proofWith(cron('0 3 20 * *').replace('serviceAccountName: ci', 'serviceAccountName: no'))).verdict,
      'holds',
    )
  })
})

test('a poll loop does not drive the unseen mass to zero', async () => {
  const polls = Array.from({ length: 5_000 }, (_, index) => ({ ...list, time: START + index * 60_000 }))
  const rare = Array.from({ length: 4 }, (_, index) => ({
    ...list,
    namespace: 'shop',
    name: '',
    verb: 'list',
    resource: 'pods',
    time: START + index * DAY_MS,
  }))
  const odd = grant('odd', 'verbs: [get, list, update], apiGroups: [""], resources: [configmaps, services]')
  const once = ['get', 'list', 'update'].map((verb, day) => ({
    ...list,
    verb,
    resource: 'services',
    time: START + day * DAY_MS,
  }))
  const proof = await proofOf([...polls, ...rare, ...once], {}, YAML + odd)
  // 14 days of listing and three behaviours of one day each: 3/17 x (13 x 3)/(13 x 3) = 0.176.
  assert.equal(proof.verdict, 'unknown')
  assert.equal(proof.unseenMass, 3 / 17)
  assert.deepEqual(proof.reasons, ['unseen mass 0.177 is above 0.01'])
})

describe('the window', () => {
  const proofWith = async (days: number) => {
    const accesses = [...daily(days, list), ...daily(days, other)]
    return (await question(YAML, [BINDING('secrets')], { accesses })).prove()
  }
  test('below the least number of days nothing is estimated', async () => {
    const proof = await proofWith(3)
    assert.deepEqual([proof.verdict, proof.unseenMass], ['unknown', undefined])
    assert.deepEqual(proof.reasons, ['the window is 3 of at least 7 days'])
  })
  test('of one day everything is unseen', async () => {
    assert.equal((await proofWith(1)).unseenMass, 1)
  })
  test('of enough days holds', async () => assert.equal((await proofWith(7)).verdict, 'holds'))
})

describe('what the source could not show', () => {
  test('a gap', async () => {
    const proof = await proofOf([], { gaps: [{ from: START, to: START + DAY_MS }] })
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['gap']])
    assert.equal(proof.blindSpots[0]?.instance, '2026-01-01 00:00 to 2026-01-02 00:00')
  })
  test('most hours of every day', async () => {
    const proof = await proofOf([], { thin: { hours: 14, of: 313 } })
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['thin-records']])
  })
  test('when it was, where a clock was wrong: such times move neither the window nor what is new', async () => {
    const year = Date.parse('2199-01-01T00:00:00Z')
    const late = { ...list, time: START + 13 * DAY_MS, resource: 'pods', namespace: 'shop', verb: 'watch' }
    const outlying = { count: 2, time: 0, place: { file: 'audit.log', line: 29 } }
    const wrong = [
      { ...list, time: 1 },
      { ...list, time: year },
      { ...late, time: 2 },
    ]
    const within = { outlying, from: START, to: START + 13 * DAY_MS }
    const yaml = YAML + grant('watches', 'verbs: [watch], apiGroups: [""], resources: [pods]')
    const proof = await proofOf([...wrong, late], within, yaml)
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['outlying-times']])
    assert.deepEqual([proof.window.from, proof.window.to, proof.window.days], [START, START + 13 * DAY_MS, 14])
    assert.deepEqual(
      proof.recent.map(({ behaviour }) => behaviour),
      ['system:serviceaccount:shop:ci watch pods in shop'],
    )
    assert.equal(proof.blindSpots[0]?.instance, 'audit.log:29')
  })
  test('records that it lost', async () => {
    const proof = await proofOf([], { lost: [{ time: START, count: 7, place: { file: 'audit.log', line: 9 } }] })
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['lost-records']])
  })
  test('a verb on a resource of which there is no record at all', async () => {
    const accesses = daily(14, list)
    const proof = (await question(YAML, [BINDING('secrets')], { accesses })).prove()
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['not-shown']])
  })
  test('what the audit policy drops', async () => {
    const drops = auditPolicy(
      { level: 'None', verbs: ['get'], resources: [{ group: '', resources: ['secrets'] }] },
      { level: 'Metadata' },
    )
    const proof = await proofOf([], { auditPolicy: drops })
    assert.deepEqual([proof.verdict, kinds(proof)], ['unknown', ['dropped-by-audit-policy']])
    assert.equal(proof.blindSpots[0]?.instance, 'rule 1 of the audit policy')
  })
  test('an audit policy that drops another user shows it', async () => {
    const drops = auditPolicy({ level: 'None', users: ['system:kube-proxy'] }, { level: 'Metadata' })
    assert.equal((await proofOf([], { auditPolicy: drops })).verdict, 'holds')
  })
  test('a binding that was made within the window', async () => {
    const young = YAML.replace(
      'kind: RoleBinding\nmetadata: {name: secrets, ',
      'kind: RoleBinding\nmetadata: {name: secrets, creationTimestamp: "2026-01-05T00:00:00Z", ',
    )
    assert.deepEqual(kinds(await proofOf([], {}, young)), ['younger-than-window'])
  })
})

describe('checks that leave no line of their own', () => {
  const WRITER = 'verbs: [create, patch], apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings]'
  const group = 'rbac.authorization.k8s.io'
  const proofWith = async (yaml: string, name: string, more: NonNullable<Recorded['accesses']>) => {
    const accesses = [...daily(14, list), ...daily(14, other), ...more]
    return (await question(yaml + grant('pods', PODS), [BINDING(name)], { accesses })).prove()
  }
  test('a patch that created needs create', async () => {
    const yaml =
      grant('create', 'verbs: [create], apiGroups: [""], resources: [configmaps]') +
      grant('patch', 'verbs: [patch], apiGroups: [""], resources: [configmaps]')
    const patch = { ...CI, verb: 'patch', resource: 'configmaps', namespace: 'shop', name: 'x' }
    assert.equal((await proofWith(yaml, 'create', daily(14, { ...patch, code: 201 }))).verdict, 'breaks')
    assert.notEqual((await proofWith(yaml, 'create', daily(14, { ...patch, code: 200 }))).verdict, 'breaks')
  })
  test('whoever wrote a role needs escalate, or what the role gives', async () => {
    const escalate = grant('escalate', `verbs: [escalate], apiGroups: [${group}], resources: [roles]`)
    const yaml = grant('write', WRITER) + escalate + grant('other', SECRETS, 'kind: User, name: eve')
    const wrote = daily(14, {
      ...CI,
      verb: 'create',
      group,
      resource: 'roles',
      namespace: 'shop',
      name: 'other',
      code: 201,
    })
    assert.equal((await proofWith(yaml, 'escalate', wrote)).verdict, 'breaks')
    assert.equal((await proofWith(yaml + grant('held', SECRETS), 'escalate', wrote)).verdict, 'holds')
    const gone = wrote.map((each) => ({ ...each, name: 'gone' }))
    assert.deepEqual(kinds(await proofWith(yaml, 'escalate', gone)), ['secondary-check'])
  })
  test('whoever bound a role needs bind, or what the role gives', async () => {
    const bind = grant('bind', `verbs: [bind], apiGroups: [${group}], resources: [roles], resourceNames: [other]`)
    const yaml = grant('write', WRITER) + bind + grant('other', SECRETS, 'kind: User, name: eve')
    const bound = daily(14, {
      ...CI,
      verb: 'create',
      group,
      resource: 'rolebindings',
      namespace: 'shop',
      name: 'other',
      code: 201,
    })
    assert.equal((await proofWith(yaml, 'bind', bound)).verdict, 'breaks')
  })
  test('whoever impersonates needs it for the user and each group', async () => {
    const yaml = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sudo}
rules: [{verbs: [impersonate], apiGroups: [""], resources: [users, groups]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: sudo}
roleRef: {kind: ClusterRole, name: sudo}
subjects: [{kind: User, name: carol}]`
    const carol = { user: 'carol', groups: ['system:authenticated'] }
    const sudo = daily(14, { user: 'root', groups: ['system:masters', 'system:authenticated'], impersonator: carol })
    const proof = (await question(yaml, ['ClusterRoleBinding//sudo'], { accesses: sudo })).prove()
    assert.equal(proof.verdict, 'breaks')
    assert.equal(
      proof.counterexamples[0]?.what,
      'root (impersonated by carol) get pods, which needs impersonate on root',
    )
    const self = (
      await question(yaml, ['ClusterRoleBinding//sudo'], {
        accesses: daily(14, { ...carol, decision: 'forbid', code: 403 }),
      })
    ).prove()
    assert.equal(self.verdict, 'unknown')
  })
})

test('the right that goes from a group is looked for with all its members', async () => {
  const yaml = grant('devs', SECRETS, 'kind: Group, name: devs')
  const bob = { ...get, user: 'bob', groups: ['devs', 'system:authenticated'] }
  const proof = (await question(yaml, [BINDING('devs')], { accesses: daily(14, bob) })).prove()
  assert.equal(proof.counterexamples[0]?.what, 'bob get secrets in shop')
})

test('names that no rule told apart are not made up', async () => {
  const narrow = YAML.replace('resources: [secrets]', 'resources: [secrets], resourceNames: [db]')
  const { prove } = await question(YAML, narrow, { accesses: daily(14, get) })
  assert.deepEqual([prove().verdict, kinds(prove())], ['unknown', ['names-not-kept']])
})

test('behaviour of the last days is listed', async () => {
  const proof = await proofOf(
    [{ ...list, verb: 'list', path: '', namespace: 'shop', subresource: 'log', time: START + 13 * DAY_MS }],
    {},
    YAML + grant('log', 'verbs: [list], apiGroups: [""], resources: [pods/log]'),
  )
  assert.deepEqual(
    proof.recent.map(({ behaviour }) => behaviour),
    ['system:serviceaccount:shop:ci list pods/log in shop'],
  )
})
