import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Json, JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import { readInputs } from '../../../observe/files/read.ts'
import { checkOf } from '../check.ts'
import { LATEST_POD_SECURITY } from '../selection.ts'
import { definitionOf } from './definition.ts'
import { Evaluator } from './evaluate.ts'
import { compileSet } from './policy.ts'
import { creations } from './request.ts'

const FOLDER = fileURLToPath(new URL('../../../../policies', import.meta.url))
const { policies } = readCatalogue()
const NO_PARAMS = { find: () => [], brought: () => [], isComplete: () => true }

/** `budget`: where there is one, everything is evaluated. */
function evaluator(budget: number): Evaluator {
  const plain = policies.filter((policy) => definitionOf(policy).paramKind === undefined)
  const set = compileSet(plain.map(definitionOf), { minor: LATEST_POD_SECURITY, mode: 'stored', provenPatterns: true })
  const uses = plain.map((policy, index) => {
    const compiled = set.policies[index]
    assert.ok(compiled)
    return { check: checkOf(policy), policy: compiled, bindings: 'everything' as const }
  })
  return new Evaluator(set, uses, NO_PARAMS, budget)
}

/** A small generator of numbers that repeat from run to run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const STRANGE: readonly Json[] = [null, true, false, 0, -0, 1, 0.5, 8080, '', 'a', 'true', '100m', [], {}, [{}], ['a']]
const KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'toJSON',
  'name',
  'spec',
  'privileged',
  'hostPath',
  'image',
]

/** The object with something changed somewhere. */
function mutant(value: Json, roll: (sides: number) => number): Json {
  if (typeof value !== 'object' || value === null || roll(12) === 0) return STRANGE[roll(STRANGE.length)] as Json
  if (Array.isArray(value)) {
    const items = [...(value as readonly Json[])]
    const at = roll(items.length + 1)
    if (at === items.length || roll(8) === 0) return [...items, ...(items.length > 0 ? [items[0] as Json] : [{}])]
    if (roll(6) === 0) return items.filter((_, index) => index !== at)
    items[at] = mutant(items[at] as Json, roll)
    return items
  }
  const entries = Object.entries(value as JsonObject)
  const at = roll(entries.length + 1)
  if (at === entries.length)
    return Object.fromEntries([...entries, [KEYS[roll(KEYS.length)] as string, STRANGE[roll(STRANGE.length)] as Json]])
  if (roll(6) === 0) return Object.fromEntries(entries.filter((_, index) => index !== at))
  return Object.fromEntries(entries.map(([key, item], index) => [key, index === at ? mutant(item, roll) : item]))
}

async function examples(): Promise<readonly KubeObject[]> {
  const files = readdirSync(FOLDER).flatMap((id) => [join(FOLDER, id, 'good.yaml'), join(FOLDER, id, 'bad.yaml')])
  const read = await readInputs(files, { keepAll: true })
  return read.objects
}

function told(judge: Evaluator, request: Parameters<Evaluator['judge']>[0]): unknown {
  const { verdicts, passed } = judge.judge(request)
  return {
    passed: passed.map(({ id }) => id),
    verdicts: verdicts.map(({ check, result, message, messages, actions, at }) => {
      return { id: check.id, result, message, messages, actions, at: at() }
    }),
  }
}

test('what is remembered of objects that are alike is what would be said of each', async () => {
  const objects = await examples()
  const roll = dice(42)
  const remembering = evaluator(Number.POSITIVE_INFINITY)
  const evaluating = evaluator(Number.MAX_VALUE)
  const request = creations({ namespaces: new Map(), ofKind: () => [] }, LATEST_POD_SECURITY)
  const types = [...Map.groupBy(objects, ({ group, kind }) => `${group}/${kind}`).values()]
  for (let round = 0; round < 1_500; round++) {
    const type = types[roll(types.length)] as readonly KubeObject[]
    // Pods are what most policies look at.
    const of = roll(2) === 0 ? type : objects
    const object = of[roll(of.length)] as KubeObject
    let body = object.body
    for (let changes = roll(3); changes > 0; changes--)
      body = { ...body, ...(mutant(body, roll) as JsonObject), kind: object.kind }
    const made = request({ ...object, body: { ...body, apiVersion: object.body.apiVersion as Json } })
    assert.deepEqual(told(remembering, made), told(evaluating, made), JSON.stringify(body))
  }
})
