import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { at, field, isObject, type Json, list, number, object, string, stringMap } from './json.ts'
import { parseSelector, selects } from './labels.ts'
import { affinityAdmits, tolerates, untolerated } from './node.ts'
import { decodePod } from './pod.ts'

const vectors = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../oracle/vectors/${name}.json`, import.meta.url), 'utf8')) as Json

test('label selectors match as metav1.LabelSelectorAsSelector does', () => {
  const all = vectors('selectors')
  const labelSets = list(field(all, 'labelSets')).map(stringMap)
  const cases = list(field(all, 'cases'))
  assert.ok(cases.length > 200)
  for (const item of cases) {
    const selector = parseSelector(field(item, 'selector'))
    const what = JSON.stringify(item)
    const wanted = string(field(item, 'matches'))
    if (wanted === undefined) {
      // Kubernetes also refuses malformed keys and values, which match no label that it lets exist.
      const matched =
        typeof selector === 'string' || selector === undefined
          ? []
          : labelSets.filter((labels) => selects(selector, labels))
      assert.ok(
        typeof selector === 'string' || matched.length === 0 || /must|Invalid/.test(string(field(item, 'error')) ?? ''),
        what,
      )
      continue
    }
    assert.notEqual(typeof selector, 'string', what)
    const matches = labelSets
      .map((labels) =>
        selector !== undefined && typeof selector !== 'string' && selects(selector, labels) ? '1' : '0',
      )
      .join('')
    assert.equal(matches, wanted, what)
  }
})

test('node selectors and required node affinity admit the nodes that the scheduler admits', () => {
  const all = vectors('nodeaffinity')
  const nodes = list(field(all, 'nodes')).map((node) => ({
    name: string(field(node, 'name')) ?? '',
    labels: stringMap(field(node, 'labels')),
  }))
  // No Node is without a name, and Kubernetes skips matchFields for one.
  for (const item of list(field(all, 'cases'))) {
    const terms = field(item, 'nodeSelectorTerms')
    const affinity =
      terms === undefined
        ? {}
        : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } }
    const pod = decodePod({ spec: { nodeSelector: field(item, 'nodeSelector') ?? {}, affinity } }, [])
    const wanted = string(field(item, 'matches')) ?? ''
    const matches = nodes
      .map((node, at) => (wanted[at] === 'e' || node.name === '' ? wanted[at] : affinityAdmits(pod, node) ? '1' : '0'))
      .join('')
    assert.equal(matches, wanted, JSON.stringify(item))
  }
})

test('tolerations tolerate the taints that the scheduler lets them', () => {
  const all = vectors('tolerations')
  const taints = list(field(all, 'taints')).map((taint) => ({
    key: string(field(taint, 'key')) ?? '',
    value: string(field(taint, 'value')) ?? '',
    effect: string(field(taint, 'effect')) ?? '',
  }))
  const tolerations = list(field(all, 'cases')).map(
    (item) => decodePod({ spec: { tolerations: [field(item, 'toleration') ?? null] } }, []).tolerations,
  )
  list(field(all, 'cases')).forEach((item, index) => {
    const matches = taints
      .map((taint) => ((tolerations[index] ?? []).some((each) => tolerates(each, taint)) ? '1' : '0'))
      .join('')
    assert.equal(matches, field(item, 'tolerates'), JSON.stringify(item))
  })
  for (const item of list(field(all, 'scheduling'))) {
    const own = list(field(item, 'taints')).map((index) => taints[number(index) ?? 0] as (typeof taints)[number])
    const first = untolerated(
      list(field(item, 'tolerations')).flatMap((index) => tolerations[number(index) ?? 0] ?? []),
      own,
    )
    const wanted = number(field(item, 'firstUntolerated')) ?? -1
    assert.deepEqual(first, wanted < 0 ? undefined : taints[wanted], JSON.stringify(item))
  }
})

test('values of other types than the API has are no values', () => {
  const pod = decodePod(
    {
      metadata: { labels: ['a'], annotations: 'b' },
      spec: {
        containers: [{ name: 5, securityContext: 'x', env: {}, ports: [{ containerPort: '80' }] }, 'c', null],
        volumes: [1, { name: {} }],
        hostPID: 'yes',
        nodeSelector: 3,
        tolerations: 'all',
      },
    },
    [],
  )
  assert.equal(pod.containers.length, 1)
  assert.equal(pod.hostPID, false)
  assert.equal(pod.labels.size, 0)
  assert.deepEqual(pod.containers[0]?.ports, [])
  assert.equal(isObject(object(at({}, 'a'))), true)
})
