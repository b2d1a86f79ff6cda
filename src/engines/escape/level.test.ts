import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { field, type Json, list, object, string } from '../../cluster/json.ts'
import { decodePod } from '../../cluster/pod.ts'
import { levelOf } from './level.ts'

const RANK = { privileged: 0, baseline: 1, restricted: 2 } as const

/** For these the pod must be judged exactly: they are the escape steps. */
const STEPS: ReadonlySet<string> = new Set([
  'privileged',
  'host namespaces',
  'hostPath volumes',
  'hostPort',
  'hostProcess',
  'non-default capabilities',
  'procMount',
])

test('as the admission plugin of Kubernetes judges, and never more strictly', () => {
  const all = JSON.parse(
    readFileSync(new URL('../../../oracle/vectors/podsecurity.json', import.meta.url), 'utf8'),
  ) as Json
  const latest = field(all, 'latest')
  let forbidden = 0
  for (const item of list(field(all, 'cases'))) {
    const reasons = (level: string): readonly string[] =>
      list(field(item, level))
        .filter((span) => field(span, 'until') === latest)
        .flatMap((span) => list(field(span, 'forbidden')).map((each) => string(field(each, 'reason')) ?? ''))
    const level =
      reasons('baseline').length > 0 ? 'privileged' : reasons('restricted').length > 0 ? 'baseline' : 'restricted'
    const pod = decodePod(
      object({ metadata: { annotations: field(item, 'annotations') ?? {} }, spec: field(item, 'spec') ?? {} }),
      [],
    )
    const own = levelOf(pod)
    const name = string(field(item, 'name')) ?? ''
    assert.ok(RANK[own] >= RANK[level], `${name}: ${own}, not ${level}`)
    // Pod Security minds the case of a capability's name, and runtimes do not.
    if (JSON.stringify(field(item, 'spec')).includes('"chown"')) continue
    if (reasons('baseline').some((reason) => STEPS.has(reason))) {
      forbidden++
      assert.equal(own, 'privileged', name)
    }
  }
  assert.ok(forbidden > 50, `${forbidden} are forbidden`)
})
