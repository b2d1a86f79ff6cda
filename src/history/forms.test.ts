import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type AuditJson, events } from '../../bench/audit/events.ts'
import { type Form, linesOf as linesOfForm } from '../../bench/audit/write.ts'
import { yamlText } from '../report/yaml.ts'
import { temporaryFolder } from '../temporary.testing.ts'
import type { HistoryLimits } from './bytes.ts'
import { accessesOf, EMPTY_CLUSTER, event, linesOf, sourceOf } from './contract.testing.ts'
import { type FileHistory, openHistory } from './files.ts'

async function of(
  files: Readonly<Record<string, string | Buffer>>,
  limits: Partial<HistoryLimits> = {},
): Promise<FileHistory> {
  const made = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text)
  return openHistory([made], { cluster: EMPTY_CLUSTER, limits })
}

async function idsOf(history: FileHistory): Promise<readonly string[]> {
  return (await accessesOf(history)).map((each) => each.id).sort()
}

describe('an audit log', () => {
  const yaml = (...documents: readonly object[]): string => documents.map((each) => `---\n${yamlText(each)}`).join('')

  test('of YAML is a stream, a list, or one document', async () => {
    const history = await of({
      'stream.yaml': yaml(event('s1', 1), event('s2', 2), event('s3', 3)),
      'list.yaml': yaml({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [event('l1', 4), event('l2', 5)] }),
      'array.yml': [event('a1', 6), event('a2', 7)]
        .map((each) => yamlText({ '-': each }).replace(/^["']?-["']?:/, '-'))
        .join(''),
      'one.yaml.gz': gzipSync(`# a comment\n${yamlText(event('o1', 8))}`),
    })
    assert.deepEqual(await idsOf(history), ['a1', 'a2', 'l1', 'l2', 'o1', 's1', 's2', 's3'])
    assert.equal(sourceOf(history.coverage(), 'audit').unread, 0)
  })

  test('of YAML with a broken document loses that one, and says where it stands', async () => {
    const broken = yamlText(event('bad', 2)).replace('kind: Event', 'kind: [Event')
    const text = `${yaml(event('a', 1))}---\n\n${broken}${yaml(event('b', 3))}`
    const history = await of({ 'audit.yaml': text })
    assert.deepEqual(await idsOf(history), ['a', 'b'])
    const { unread, problems } = sourceOf(history.coverage(), 'audit')
    assert.equal(unread, 1)
    const line = text.split('\n').findIndex((each) => each.includes('[Event')) + 1
    assert.ok(Math.abs((problems[0]?.line ?? 0) - line) <= 1, `${problems[0]?.line} ${line}`)
  })

  test('may mix forms line by line, without loss', async () => {
    const logs = [...events(7, 40)].filter(({ objectRef, stage }) => objectRef && stage === 'ResponseComplete')
    const forms: readonly Form[] = ['v1', 'eks', 'gke', 'aks']
    const lines = logs.flatMap((each, at) => [...linesOfForm(forms[at % forms.length] as Form, [each])])
    const exported = `2026-11-02T00:00:00.000Z ${JSON.stringify(event('exported', 0))}`
    const list = { kind: 'EventList', items: [event('in list', 1)] }
    const history = await of({ 'audit.log': linesOf(...lines, exported, list, [event('in array', 2)]) })
    assert.deepEqual(
      await idsOf(history),
      [...logs.map(({ auditID }) => auditID), 'exported', 'in array', 'in list'].sort(),
    )
    const { unread, forms: found } = sourceOf(history.coverage(), 'audit')
    assert.equal(unread, 0)
    assert.deepEqual(
      new Set(found.map(({ form }) => form)),
      new Set(
        ['native', 'eks', 'gke-activity', 'gke-data-access', 'aks'].filter((form) =>
          found.some((each) => each.form === form),
        ),
      ),
    )
    assert.ok(found.length >= 4)
  })

  test('in any form and compressed tells the same requests, but for what the form hides', async () => {
    const logs = [...events(3, 3000)]
    const seen = new Map<Form, readonly string[]>()
    for (const form of ['v1', 'eks', 'gke', 'aks'] as const) {
      const text = `${[...linesOfForm(form, logs)].join('\n')}\n`
      const history = await of({ [`${form}.gz`]: gzipSync(text) })
      const told = (await accessesOf(history)).filter(({ resource }) => resource !== '')
      const { unread, leftOut, hides } = sourceOf(history.coverage(), 'audit')
      assert.deepEqual([unread, leftOut], [0, {}])
      assert.deepEqual(hides.fields.includes('groups'), form === 'gke')
      const keyOf = ({
        id,
        user,
        verb,
        group,
        resource,
        subresource,
        namespace,
        name,
        decision,
        reason,
      }: (typeof told)[number]) =>
        JSON.stringify([
          id,
          user,
          verb,
          group,
          resource,
          subresource,
          namespace,
          verb === 'watch' ? '' : name,
          decision,
          reason,
        ])
      seen.set(form, told.map(keyOf).sort())
    }
    for (const form of ['eks', 'gke', 'aks'] as const) assert.deepEqual(seen.get(form), seen.get('v1'), form)
    assert.ok((seen.get('v1')?.length ?? 0) > 2000)
  })

  test('in one envelope that is larger than a line may be is read member by member', async () => {
    const logs: readonly AuditJson[] = [...events(5, 400)].filter(({ stage }) => stage === 'ResponseComplete')
    const messages = logs.map((each) => ({
      logStreamName: 'kube-apiserver-audit-1',
      timestamp: 1,
      message: JSON.stringify(each),
    }))
    const envelope = { events: messages, searchedLogStreams: [{ logStreamName: 'x', searchedCompletely: true }] }
    const ids = logs.map(({ auditID }) => auditID).sort()
    for (const text of [
      JSON.stringify(envelope, null, 4),
      JSON.stringify(envelope),
      JSON.stringify({ kind: 'EventList', items: logs }),
      JSON.stringify({ items: logs, kind: 'EventList' }, null, 2),
      JSON.stringify(logs),
      logs
        .map((each) =>
          JSON.stringify({
            messageType: 'DATA_MESSAGE',
            logStream: 'kube-apiserver-audit-1',
            logEvents: [{ id: '1', timestamp: 1, message: JSON.stringify(each) }],
          }),
        )
        .join(''),
    ]) {
      const history = await of({ 'audit.json': text }, { line: 64 * 1024 })
      assert.deepEqual(await idsOf(history), ids)
      assert.equal(sourceOf(history.coverage(), 'audit').unread, 0)
    }
  })

  test('that is delivered twice counts once, and says so', async () => {
    const log = linesOf(...events(9, 500))
    const history = await of({ 'a.log': log, 'b.log.gz': gzipSync(log) })
    const once = await of({ 'a.log': log })
    assert.equal((await accessesOf(history)).length, (await accessesOf(once)).length)
    const { leftOut, records } = sourceOf(history.coverage(), 'audit')
    const dones = [...events(9, 500)].filter(({ stage }) => stage === 'ResponseComplete').length
    assert.deepEqual([leftOut['copy of a request told before'], records], [dones, 500 - (500 - dones)])
  })

  test('of both categories of AKS hides no more than the one that shows more', async () => {
    const line = (category: string, id: string): string =>
      JSON.stringify({ category, time: '2026-05-01T10:00:00Z', properties: { log: JSON.stringify(event(id, 1)) } })
    const admin = await of({ 'a.log': linesOf(line('kube-audit-admin', 'a')) })
    await accessesOf(admin)
    assert.deepEqual(sourceOf(admin.coverage(), 'audit').hides.verbs, ['get', 'list'])
    const both = await of({
      'a.log': linesOf(line('kube-audit-admin', 'a'), line('kube-audit', 'a'), line('kube-audit', 'b')),
    })
    assert.deepEqual(await idsOf(both), ['a', 'b'])
    assert.deepEqual(sourceOf(both.coverage(), 'audit').hides.verbs, [])
  })
})

describe('a file that is no audit log', () => {
  test('is named for what it is', async () => {
    const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request: { uid: '1' } }
    const node = { insertId: '1', jsonPayload: {}, logName: 'x', resource: { type: 'k8s_node' }, timestamp: 'x' }
    const history = await of({
      'reviews.log': linesOf(review, review),
      'node.json': JSON.stringify([node], null, 2),
      'node.yaml': yamlText(node),
      'README.md': 'kind: of a text\n',
    })
    assert.deepEqual(
      history.problems.map((each) => each.message),
      [
        'holds the log of a node, not an audit log',
        'holds the log of a node, not an audit log',
        'holds AdmissionReviews of a webhook, which are not audit events: they hold no reads, no denials and no answers',
      ],
    )
    assert.deepEqual(history.other.length, 1)
  })

  test('loses no event that stands among others', async () => {
    const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request: { uid: '1' } }
    const history = await of({ 'mixed.log': linesOf(review, event('a', 1), review) })
    assert.deepEqual(await idsOf(history), ['a'])
    assert.equal(sourceOf(history.coverage(), 'audit').unread, 2)
    assert.deepEqual(history.problems, [])
  })
})
