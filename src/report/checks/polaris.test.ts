import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkNamed, everyResult, judgedOf } from './judged.testing.ts'
import { PolarisScore, polaris, polarisScore } from './polaris.ts'

interface Audit {
  readonly Results: readonly {
    readonly Name: string
    readonly Results: Record<string, { Success: boolean; Severity: string; Message: string }>
    readonly PodResult: {
      readonly Results: Record<string, { Success: boolean }>
      readonly ContainerResults: readonly { Name: string; Results: Record<string, { Success: boolean }> }[]
    } | null
  }[]
  readonly Score: number
  readonly [key: string]: unknown
}

const OPTIONS = { time: '2026-11-21T00:00:00.000Z', source: 'shop' }
const audit = (judged: Parameters<typeof polaris>[0]): Audit =>
  JSON.parse([...polaris(judged, OPTIONS)].join('')) as Audit

describe('Polaris’ audit', () => {
  test('has the fields of its own, and no other', () => {
    const made = audit(everyResult())
    assert.deepEqual(Object.keys(made), [
      'PolarisOutputVersion',
      'AuditTime',
      'SourceType',
      'SourceName',
      'DisplayName',
      'ClusterInfo',
      'Results',
      'Score',
    ])
    assert.deepEqual(made.ClusterInfo, { Version: 'unknown', Nodes: 0, Pods: 1, Namespaces: 0, Controllers: 2 })
    assert.deepEqual(Object.keys(made.Results[0] as object), [
      'Name',
      'Namespace',
      'Kind',
      'Results',
      'PodResult',
      'CreatedTime',
    ])
  })

  test('tells a check of containers for each of them; init containers have no requests', () => {
    const [web] = audit(everyResult()).Results
    const told = web?.PodResult?.ContainerResults.map(({ Name, Results }) => [
      Name,
      Results.runAsPrivileged?.Success,
      Results.cpuRequestsMissing?.Success,
    ])
    assert.deepEqual(told?.toSorted(), [
      ['init', true, undefined],
      ['side', false, true],
      ['web', false, true],
    ])
  })

  test('tells a check of the pod at the pod, any other at the object, under its own id where Polaris has none', () => {
    const pod = checkNamed('host-ipc', { aliases: { polaris: 'hostIPCSet' }, polaris: 'danger' })
    const own = checkNamed('mine', { severity: 'low' })
    const { Results } = audit(
      judgedOf('{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: c}]}}', [
        { check: pod, object: 'Pod/default/a', result: 'fail' },
        { check: own, object: 'Pod/default/a', result: 'fail' },
      ]),
    )
    assert.equal(Results[0]?.PodResult?.Results.hostIPCSet?.Success, false)
    assert.deepEqual(Results[0]?.Results.mine, {
      ID: 'mine',
      Message: 'what mine says',
      Details: null,
      Success: false,
      Severity: 'warning',
      Category: 'Security',
      Mutations: null,
    })
  })

  test('what is not known is no success; what was accepted is left out', () => {
    const { Results } = audit(everyResult())
    const settings = Results.find(({ Name }) => Name === 'settings')
    assert.deepEqual(
      [
        settings?.PodResult,
        settings?.Results['config-map-secret']?.Success,
        settings?.Results['config-map-secret']?.Message,
      ],
      [null, false, 'not known: its data is not in the input'],
    )
    const cni = Results.find(({ Name }) => Name === 'cni')
    assert.deepEqual(Object.keys(cni?.PodResult?.ContainerResults[0]?.Results ?? {}), ['cpuRequestsMissing'])
  })
})

describe('the score', () => {
  const of = (successes: number, warnings: number, dangers: number): number => {
    const score = new PolarisScore()
    const add = (count: number, Success: boolean, Severity: 'danger' | 'warning'): void => {
      for (let at = 0; at < count; at++) score.add({ Success, Severity })
    }
    add(successes, true, 'warning')
    add(warnings, false, 'warning')
    add(dangers, false, 'danger')
    return score.value
  }

  test('weighs a danger twice as much as a warning, and is rounded down', () => {
    assert.equal(of(1, 1, 0), 66)
    assert.equal(of(1, 0, 1), 50)
    assert.equal(of(0, 0, 3), 0)
    assert.equal(of(7, 0, 0), 100)
    assert.equal(of(0, 0, 0), 100)
  })

  test('counts each container, and is the one of the audit', () => {
    const judged = everyResult()
    // Successes: privileged of init, requests of web and side. Dangers: web, side, the pod. Warnings: requests of cni, the unknown.
    assert.equal(audit(judged).Score, Math.floor((100 * 2 * 3) / (2 * 3 + 2 + 2 * 3)))
    assert.equal(polarisScore(judged.results.items), audit(judged).Score)
  })
})
