import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { field, type JsonObject, list, object } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { readCatalogue } from '../../observe/catalogue.ts'
import { definitionOf } from './admission/definition.ts'
import { Evaluator, type PolicyUse } from './admission/evaluate.ts'
import { compileSet } from './admission/policy.ts'
import { creations } from './admission/request.ts'
import { catalogueChecks, inProfile, LATEST_POD_SECURITY, overriddenBy } from './selection.ts'

/** oracle/vectors/podsecurity*.json: pods, and what Kubernetes' own evaluator forbids at each policy version. */
interface Vector {
  readonly name: string
  readonly annotations?: JsonObject
  readonly spec: JsonObject
  readonly baseline: readonly Span[]
  readonly restricted: readonly Span[]
}

interface Span {
  readonly since: number
  readonly until: number
  readonly forbidden: readonly { readonly reason: string }[]
}

/**
 * The evaluator was asked about pods as written. Admission sees them with defaults, where a volume of no type is an
 * emptyDir, which every level allows.
 */
function isDefaulted({ spec }: Vector): boolean {
  return list(field(spec, 'volumes')).some((volume) => Object.keys(object(volume)).every((key) => key === 'name'))
}

const FILES = ['podsecurity.json', 'podsecurity-random.json']
const vectors = FILES.flatMap((name): readonly Vector[] => {
  const file = new URL(`../../../oracle/vectors/${name}`, import.meta.url)
  const cases: readonly Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : []
  return cases.filter((vector) => !isDefaulted(vector))
})

const { policies } = readCatalogue()
const cluster = { namespaces: new Map(), ofKind: () => [] }
const requests = vectors.map((vector) => creations(cluster, LATEST_POD_SECURITY)(podOf(vector)))

function podOf({ name, annotations, spec }: Vector): KubeObject {
  const metadata = { name: 'pod', ...(annotations ? { annotations } : {}) }
  const body = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
  return { id: `Pod/default/${name}`, group: '', version: 'v1', kind: 'Pod', namespace: 'default', name: 'pod', body }
}

function forbiddenBy({ baseline, restricted }: Vector, level: 'baseline' | 'restricted', version: number): string {
  const spans = level === 'baseline' ? baseline : restricted
  const span = spans.find(({ since, until }) => since <= version && version <= until)
  return (span?.forbidden ?? []).map(({ reason }) => reason).join(', ')
}

describe('Pod Security, by Kubernetes’ own evaluator', () => {
  assert.ok(vectors.length > 200)
  for (const level of ['baseline', 'restricted'] as const)
    test(`${level}, ${vectors.length} pods at every version from v1.0 to v1.${LATEST_POD_SECURITY}`, () => {
      const wrong: string[] = []
      for (let version = 0; version <= LATEST_POD_SECURITY; version++) {
        const all = catalogueChecks(policies, version)
        const checks = all.filter((check) => inProfile(check, level, overriddenBy(all)))
        const set = compileSet(
          checks.map(({ policy }) => definitionOf(policy)),
          { minor: LATEST_POD_SECURITY, mode: 'stored' },
        )
        const uses = checks.map((check, index): PolicyUse => {
          const policy = set.policies[index]
          assert.ok(policy)
          return { check, policy, bindings: 'everything' }
        })
        const evaluator = new Evaluator(set, uses, { find: () => [], brought: () => [], isComplete: () => true })
        for (const [index, request] of requests.entries()) {
          const vector = vectors[index] as Vector
          const { verdicts } = evaluator.judge(request)
          const unknown = verdicts.filter(({ result }) => result === 'unknown')
          const expected = forbiddenBy(vector, level, version)
          if (unknown.length > 0 || verdicts.length > 0 !== (expected !== ''))
            wrong.push(
              `v1.${version} ${vector.name}: ours [${verdicts.map(({ check, message }) => `${check.id}: ${message}`).join('; ')}] Kubernetes' [${expected}]`,
            )
        }
      }
      assert.equal(wrong.length, 0, `${wrong.length} wrong:\n${wrong.slice(0, 20).join('\n')}`)
    })
})
