import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReportApplication, ReportEntry } from '../../src/report/report.ts'
import type { OverloadItem } from '../../src/report/traffic/overload.ts'
import {
  examplesText,
  hitsText,
  overloadSentence,
  plainName,
  sourceParts,
  sourceText,
} from '../../src/report/traffic/overload-words.ts'
import { entriesAmong, floodedBy, runningOf } from './overload.ts'

const some = (count: number, ...examples: readonly string[]) => ({ count, examples })

const ITEM: OverloadItem = {
  source: 'client',
  sources: some(12, 'Deployment/web/frontend', 'shop.example.com'),
  via: [],
  exhausts: { kind: 'store', id: 'StatefulSet/orders/db', title: 'the store orders/db' },
  hits: { workloads: some(6, 'Deployment/web/frontend'), applications: some(3, 'Application/web/shop') },
  share: 0.25,
  truth: 'yes',
  because: [],
  caps: [],
}

test('an application that runs nothing has no availability', () => {
  const applications = [{ workloads: ['Deployment/web/a'] }, { workloads: [] }] as unknown as ReportApplication[]
  assert.equal(runningOf({ applications }), 1)
})

test('a ship has a compartment for each running application, and never fewer than are hit', () => {
  assert.deepEqual(floodedBy(ITEM, 9), { control: 3, contact: 0, dry: 6 })
  assert.deepEqual(floodedBy(ITEM, 2), { control: 3, contact: 0, dry: 0 })
})

test('sources that are entries are found by their whole id', () => {
  const entries = [{ id: 'Deployment/web/frontend' }, { id: 'Deployment/web/front' }] as unknown as ReportEntry[]
  assert.deepEqual([...entriesAmong(ITEM, { entries })], ['Deployment/web/frontend'])
})

test('the parts of a source are its text', () => {
  assert.deepEqual(sourceParts(ITEM), ['one client at ', 'web/frontend', ' (of 12)'])
  assert.equal(sourceText({ ...ITEM, source: 'pod' }), 'one pod of web/frontend (of 12)')
  assert.equal(sourceText({ source: 'deployment', sources: some(1) }), 'one growing workload')
})

test('a host is no id, and is told as it is', () => {
  assert.equal(plainName('shop.example.com/a/b'), 'shop.example.com/a/b')
  assert.equal(plainName('Node//general-1'), 'general-1')
  assert.equal(plainName('Rollout.argoproj.io/web/shop'), 'web/shop')
})

test('who is hit is named where it is one, counted where they are several, and what is not named is counted', () => {
  const { hits } = ITEM
  assert.equal(hitsText(ITEM), '3 applications, 6 workloads')
  assert.equal(hitsText({ ...ITEM, hits: { ...hits, applications: some(1, 'Application/web/shop') } }), 'web/shop')
  assert.equal(hitsText({ ...ITEM, hits: { applications: some(0), workloads: some(1) } }), '0 applications, 1 workload')
  assert.equal(examplesText(ITEM.sources), 'web/frontend, shop.example.com and 10 more')
})

test('what is certain is told first, and what is not with a perhaps', () => {
  const doubted: OverloadItem = { ...ITEM, truth: 'unknown', share: 1, exhausts: { kind: 'node', id: '', title: 'it' } }
  assert.match(overloadSentence([doubted, ITEM], 9), /^One client at web\/frontend \(of 12\) can exhaust the store/)
  assert.match(overloadSentence([doubted], 9), /can perhaps exhaust it: 100 % of the availability of nine app/)
})
