import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { field, type Json, list, object, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { decodePod } from '../../cluster/pod.ts'
import { neededLevel } from './needed-level.ts'

const RANK = { privileged: 0, baseline: 1, restricted: 2 } as const

/** The plugin was asked without the defaults of the API server, which gives a volume of no type an emptyDir. */
function isDefaulted(pod: Json): boolean {
  const volumes = list(field(field(pod, 'spec'), 'volumes'))
  return volumes.some((volume) => Object.keys(object(volume)).every((key) => key === 'name'))
}

test('the admission plugin of no version refuses a pod at the level that is said to let it pass', () => {
  const vectors = new URL('../../../oracle/vectors/podsecurity.json', import.meta.url)
  const cases = list(field(JSON.parse(readFileSync(vectors, 'utf8')) as Json, 'cases'))
  let passed = 0
  const failed: string[] = []
  for (const item of cases) {
    const metadata = { annotations: field(item, 'annotations') ?? {} }
    const body = object({ metadata, spec: field(item, 'spec') ?? {} })
    const pod: KubeObject = { id: '', group: '', version: 'v1', kind: 'Pod', namespace: '', name: '', body }
    const needed = neededLevel(decodePod(body, []), pod)
    for (const level of ['baseline', 'restricted'] as const) {
      if (RANK[needed] < RANK[level]) continue
      passed++
      const refused = list(field(item, level)).filter((span) => {
        const until = field(span, 'until')
        // Before 1.25 Pod Security was not on everywhere.
        return typeof until === 'number' && until >= 25
      })
      if (refused.length > 0 && !isDefaulted(item))
        failed.push(`${string(field(item, 'name'))} at ${level}: ${JSON.stringify(refused)}`)
    }
  }
  assert.deepEqual(failed, [])
  assert.ok(passed > 20, String(passed))
})
