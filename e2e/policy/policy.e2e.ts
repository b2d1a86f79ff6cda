// Policies at a real API server. Run: npm run e2e
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { at, type JsonObject, list, object } from '../../src/cluster/json.ts'
import { programs } from '../controlplane/build.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { acceptance, mayBeSilent } from './acceptance.ts'
import { type Judgement, judge } from './agree.ts'
import { type Api, connect } from './api.ts'
import { bindingOf, inLane, policyName } from './binding.ts'
import { readCatalogue } from './catalogue.ts'
import { disagreements, type Told, tally, toldBy } from './disagreements.ts'
import { install, uninstall } from './install.ts'
import { libraryMissing, readLibrary } from './library.ts'
import { ours } from './ours.ts'
import { LONG_NAME, mutating, param, policies, policy, questions, talkative } from './own.fixture.ts'
import { typeChecking } from './type-checking.ts'

/** `BULKHEAD_E2E_RECORD=DIR` keeps what the API server said, for whoever wants to compare with it later. */
const records = process.env.BULKHEAD_E2E_RECORD
const catalogue = await readCatalogue()
const library = libraryMissing ? undefined : await readLibrary()

let plane: ControlPlane
let api: Api
let controllers: boolean
before(async () => {
  controllers = (await programs()).has('kube-controller-manager')
  plane = await startControlPlane({
    components: ['apiserver', ...(controllers ? (['controller-manager'] as const) : [])],
  })
  api = connect(plane)
  // Early, since the API server takes up to half a minute to learn what a new paramKind is.
  for (const param of library?.set.params ?? []) if (param.kind === 'CustomResourceDefinition') await api.apply(param)
})
after(async () => {
  api?.close()
  await plane?.stop()
})

function record(name: string, { replies, pairs }: Judgement): void {
  if (!records) return
  mkdirSync(records, { recursive: true })
  const plain = replies.map((reply) => ({ ...reply, warned: Object.fromEntries(reply.warned) }))
  writeFileSync(join(records, `${name}.json`), JSON.stringify({ replies: plain, pairs }, undefined, 1))
}

/** Warnings and denials of one judgement must say the same wherever all warnings came. */
function assertConsistent({ replies, pairs }: Judgement, set: readonly JsonObject[]): void {
  const silent = new Set(set.filter(mayBeSilent).map(policyName))
  const whole = new Map(replies.filter((reply) => reply.whole).map((reply) => [reply.question, reply.warned]))
  let compared = 0
  for (const pair of pairs) {
    const warned = whole.get(pair.question)
    if (warned === undefined || silent.has(pair.policy) || pair.verdict === 'refused') continue
    const expected = pair.verdict === 'deny' ? pair.denial.message : undefined
    assert.equal(warned.get(pair.policy)?.[0], expected, `${pair.policy} on ${pair.question}`)
    compared++
  }
  assert.ok(compared > 0, 'nothing was compared')
}

describe('the harness', () => {
  const all = [...policies, ...talkative]
  let judgement: Judgement
  before(async () => {
    const bindings = all.map((each) => bindingOf(each, param('e2e')))
    judgement = await judge(api, { policies: all, bindings, params: [param('e2e')] }, questions)
    record('own', judgement)
  })
  const pair = (name: string, question: string) => {
    const found = judgement.pairs.find((each) => each.policy === name && each.question === question)
    assert.ok(found, `${name} was not asked of ${question}`)
    if (found.verdict !== 'deny') return found.verdict
    return `${found.denial.code} ${found.denial.reason}: ${found.denial.message}`
  }
  const reply = (question: string) => judgement.replies.find((each) => each.question === question)!

  test('each pair is answered on its own, with the message of the first validation that fails', () => {
    assert.equal(pair('says-why', 'good pod'), 'allow')
    assert.equal(pair('says-why', 'untagged'), '422 Invalid: no tag: app')
    assert.equal(pair('says-why', 'both'), '422 Invalid: no tag: debug')
    assert.equal(pair('says-why', 'debug'), '422 Invalid: a "debug" container, \\ and ü')
    assert.equal(pair('says-why', 'many'), '422 Invalid: no tag: app')
    assert.equal(pair('says-nothing', 'many'), '422 Invalid: failed expression: object.metadata.name != "many"')
    assert.equal(pair('says-nothing', 'untagged'), 'allow')
  })

  test('reasons, errors and failure policies come through', () => {
    assert.equal(pair('forbids', 'empty'), 'allow')
    assert.equal(pair('forbids', 'data'), '403 Forbidden: no data')
    assert.equal(
      pair('of-several-lines', 'data'),
      '422 Invalid: failed expression: !has(object.data) ||\nobject.data.size() > 9',
    )
    assert.equal(
      pair('fails', 'data'),
      '422 Invalid: expression \'object.data["missing"] == "x"\' resulted in error: no such key: missing',
    )
    assert.equal(pair('fails-and-lets-pass', 'data'), 'allow')
  })

  test('warnings tell every failed validation of every policy at once', () => {
    const { warned, whole } = reply('both')
    assert.ok(whole)
    assert.deepEqual([...warned.entries()], [['says-why', ['no tag: debug', 'a "debug" container, \\ and ü']]])
    assert.deepEqual([...reply('many').warned.keys()].sort(), ['says-nothing', 'says-why'])
    assert.equal(reply('data').warned.get('of-several-lines'), undefined, 'a text of several lines is no header')
    assertConsistent(judgement, all)
  })

  test('warnings beyond what a response holds are known to be cut, and the pairs are whole', () => {
    assert.equal(reply('service').whole, false)
    for (const each of talkative)
      assert.equal(
        pair(policyName(each), 'service'),
        `422 Invalid: ${String(at(each, 'spec', 'validations', 0, 'message')).trim()}`,
      )
  })

  test('parameters, names longer than a label, objects without a namespace', () => {
    assert.equal(pair('takes-a-parameter', 'data'), 'allow')
    assert.equal(pair('cluster-scoped', 'namespace'), '422 Invalid: whose?')
    assert.equal(pair('cluster-scoped', 'own namespace'), 'allow')
    assert.equal(pair(LONG_NAME, 'secret'), '422 Invalid: no secrets')
    assert.equal(pair(LONG_NAME, 'data'), 'allow')
  })

  test('updates are judged with what was there, connections by their options', () => {
    assert.equal(pair('keeps-data', 'changed'), '422 Invalid: data changed')
    assert.equal(pair('keeps-data', 'kept'), 'allow')
    assert.deepEqual(reply('exec').warned.get('no-exec'), ['id alone'])
    assert.deepEqual(reply('exec id').warned.get('no-exec'), undefined)
    assert.deepEqual(reply('exec').outcome, { kind: 'admitted' })
  })

  test('what is stored comes defaulted and mutated, also of a name that the harness takes', () => {
    const stored = reply('good pod').stored
    assert.equal(at(stored, 'spec', 'serviceAccountName'), 'needed')
    assert.equal(at(stored, 'spec', 'containers', 0, 'imagePullPolicy'), 'IfNotPresent')
    assert.equal(at(stored, 'spec', 'priority'), 1000)
    assert.equal(at(reply('own namespace').stored, 'spec', 'finalizers', 0), 'kubernetes')
    for (const each of judgement.pairs)
      assert.equal(each.stored === undefined, each.question === 'invalid', each.question)
  })

  test('an object that is refused for itself says nothing of policies', () => {
    assert.equal(pair('says-why', 'invalid'), 'refused')
    assert.equal(reply('invalid').outcome.kind, 'refused')
    assert.ok(!toldBy(judgement.pairs).some(({ question }) => question === 'invalid'))
  })

  test('another parameter, another verdict; and nothing stays in force', async () => {
    const one = policies.find((each) => policyName(each) === 'takes-a-parameter')!
    const asked = questions.filter(({ id }) => id === 'data')
    const set = (owner: string) => ({
      policies: [one],
      bindings: [bindingOf(one, param(owner))],
      params: [param(owner)],
    })
    const { pairs } = await judge(api, set('other'), asked)
    assert.deepEqual(toldBy(pairs), [
      { policy: 'takes-a-parameter', question: 'data', verdict: 'deny', message: 'not ours' },
    ])
    const { replies } = await judge(api, { policies: [], bindings: [], params: [] }, asked)
    assert.deepEqual(replies[0]?.warned, new Map())
  })

  test('a mutating policy changes what is stored', async () => {
    const asked = questions.filter(({ id }) => id === 'empty')
    const { pairs } = await judge(api, { policies: [mutating], bindings: [bindingOf(mutating)], params: [] }, asked)
    assert.deepEqual(
      pairs.map((each) => at(each.stored, 'data')),
      [{ added: 'yes' }],
    )
  })

  test('disagreements are found by verdict, by message, and where we are silent or do not know', () => {
    const theirs = toldBy(judgement.pairs)
    assert.deepEqual(disagreements(theirs, theirs), [])
    const other = theirs.map((told) => (told.verdict === 'deny' ? { ...told, message: `${told.message} ` } : told))
    const denied = theirs.filter(({ verdict }) => verdict === 'deny').length
    assert.equal(disagreements(other, theirs).length, denied)
    assert.equal(disagreements([], theirs).length, theirs.length)
    assert.equal(
      disagreements(
        theirs.map((told) => ({ ...told, verdict: 'unknown' })),
        theirs,
      ).length,
      theirs.length,
    )
    assert.deepEqual(tally(theirs).get('keeps-data'), {
      allow: theirs.filter((t) => t.policy === 'keeps-data').length - 1,
      deny: 1,
    })
  })
})

describe('what the API server says of policies', () => {
  test('broken ones are refused, with every cause at its field', async () => {
    const refused = await acceptance(
      api,
      policy(
        'broken',
        ['pods'],
        [{ expression: 'object.' }, { expression: '1 + 1' }, { expression: 'true', reason: 'Never' }],
      ),
    )
    assert.ok(!refused.accepted)
    assert.equal(refused.code, 422)
    assert.deepEqual(
      refused.causes.map(({ field, reason }) => [field, reason]),
      [
        ['spec.validations[0].expression', 'FieldValueInvalid'],
        ['spec.validations[1].expression', 'FieldValueInvalid'],
        ['spec.validations[2].reason', 'FieldValueNotSupported'],
      ],
    )
    assert.match(refused.causes[1]?.message ?? '', /must evaluate to bool but got int$/)
  })

  test('fields that do not exist are found by the controller', async (t) => {
    if (!controllers) return t.skip('no kube-controller-manager in KUBEBUILDER_ASSETS')
    const [good, bad] = [
      policy('well-typed', ['pods'], [{ expression: 'object.spec.hostNetwork == true' }]),
      policy('mistyped', ['pods'], [{ expression: 'object.spec.hostNetwrk == true' }]),
    ]
    const set = { policies: [good, bad], bindings: [], params: [] }
    await install(api, set)
    try {
      assert.deepEqual(await typeChecking(api, good), [])
      const [warning, ...others] = await typeChecking(api, bad)
      assert.deepEqual(others, [])
      assert.equal(warning?.field, 'spec.validations[0].expression')
      assert.match(warning?.warning ?? '', /undefined field 'hostNetwrk'/)
    } finally {
      await uninstall(api, set)
    }
  })
})

describe('the catalogue', { skip: catalogue.length === 0 && 'there are no policies yet' }, () => {
  for (const { folder, body } of catalogue)
    test(`${folder}: ${policyName(body)} is accepted`, async () => {
      const answer = await acceptance(api, body)
      assert.ok(answer.accepted, JSON.stringify(answer, undefined, 2))
    })
})

describe('the admission library of the corpus', { skip: libraryMissing }, () => {
  test('is judged whole: each policy of each object', async (t) => {
    assert.ok(library)
    const { set, questions: asked } = library
    assert.equal(set.policies.length, 66)
    for (const each of set.policies) {
      const answer = await acceptance(api, each)
      assert.ok(answer.accepted, `${policyName(each)}: ${JSON.stringify(answer)}`)
    }
    const started = performance.now()
    const judgement = await judge(api, set, asked)
    const seconds = (performance.now() - started) / 1000
    record('library', judgement)
    const told = toldBy(judgement.pairs)
    const denied = told.filter(({ verdict }) => verdict === 'deny').length
    t.diagnostic(
      `${told.length} pairs, ${denied} denied, ${judgement.replies.length} questions, ${seconds.toFixed(1)} s`,
    )
    assert.equal(told.length, judgement.pairs.length, 'an object of the set is refused for itself')
    assert.ok(denied > told.length / 10 && denied < told.length)
    assertConsistent(judgement, set.policies)
    const { body } = await api.request('GET', '/api/v1/namespaces')
    const namespaces = list(at(body, 'items')).map((item) => ({ apiVersion: 'v1', kind: 'Namespace', ...object(item) }))
    const judgeAlone = ours(set.policies, { minor: 36, params: set.params, namespaces })
    const own = judgement.pairs.map(({ policy: name, question }): Told => {
      const one = asked.find(({ id }) => id === question)
      assert.ok(one && one.operation !== 'CONNECT')
      const said = judgeAlone(inLane(one.object, name)).get(name) ?? { verdict: 'allow' }
      const message = said.verdict === 'deny' ? { message: said.messages[0] ?? '' } : {}
      return { policy: name, question, verdict: said.verdict, ...message }
    })
    assert.ok(own.every(({ verdict }) => verdict !== 'unknown'))
    assert.deepEqual(disagreements(own, told), [])
    for (const kind of ['exec', 'attach', 'portforward']) {
      const reply = judgement.replies.find(({ question }) => question === `connect-${kind}`)
      assert.equal(reply?.warned.size, 1, kind)
    }
  })
})
