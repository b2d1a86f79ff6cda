import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { annotationsOf, type KubeObject } from '../../cluster/object.ts'
import { judgeExamples } from '../../fix/checks/examples.ts'
import { readCatalogue } from '../../observe/catalogue.ts'
import { readInputs } from '../../observe/files/read.ts'
import { definitionOf } from './admission/definition.ts'
import { compileSet, type Expression } from './admission/policy.ts'
import { checkOf } from './check.ts'
import { LATEST_POD_SECURITY } from './selection.ts'

const FOLDER = fileURLToPath(new URL('../../../policies', import.meta.url))
const ids = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const { policies, fixes, problems } = readCatalogue()
const newest = policies.filter((policy) => ids.includes(policy.name))
const LANGUAGE = { minor: LATEST_POD_SECURITY, mode: 'stored' } as const

/** Where policies define these, they are these: so that their values are computed once for all of them. */
const SHARED: Readonly<Record<string, string>> = {
  podTemplate:
    "object.kind == 'Pod' ? object : object.kind == 'PodTemplate' ? object.?template.orValue({}) : object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.orValue({}) : object.?spec.?template.orValue({})",
  podSpec: 'variables.podTemplate.?spec.orValue({})',
  containers:
    'variables.podSpec.?containers.orValue([]) + variables.podSpec.?initContainers.orValue([]) + variables.podSpec.?ephemeralContainers.orValue([])',
  lasting:
    "variables.podSpec.?containers.orValue([]) + variables.podSpec.?initContainers.orValue([]).filter(c, c.?restartPolicy.orValue('') == 'Always')",
  podPath:
    "object.kind == 'Pod' ? '/spec' : object.kind == 'PodTemplate' ? '/template/spec' : object.kind == 'CronJob' ? '/spec/jobTemplate/spec/template/spec' : '/spec/template/spec'",
}

const SECTIONS = ['## What', '## Why', '## Fix', '## When to accept it']

async function documents(id: string, name: string): Promise<readonly KubeObject[]> {
  const read = await readInputs([join(FOLDER, id, name)], { keepAll: true })
  assert.deepEqual(read.problems, [])
  return read.objects
}

describe('the catalogue', () => {
  test('is read whole', () => assert.deepEqual(problems, []))

  for (const id of ids)
    test(`${id} has all its parts`, async () => {
      for (const name of ['policy.yaml', 'good.yaml', 'bad.yaml', 'page.md'])
        assert.ok(existsSync(join(FOLDER, id, name)), `${id}/${name} is missing`)
      const page = readFileSync(join(FOLDER, id, 'page.md'), 'utf8')
      for (const section of SECTIONS) assert.ok(page.includes(section), `${id}/page.md lacks ${section}`)
      const policy = newest.find(({ name }) => name === id)
      assert.ok(policy, `${id}/policy.yaml defines no policy of that name`)
      const annotations = annotationsOf(policy.body)
      for (const key of ['title', 'severity', 'category', 'references', 'field'])
        assert.ok(annotations.get(`bulkhead.dev/${key}`), `${id}: no bulkhead.dev/${key}`)
      const check = checkOf(policy)
      assert.equal(check.aliases.polaris === undefined, check.polaris === undefined, `${id}: Polaris’ id and severity`)
      assert.equal(existsSync(join(FOLDER, id, 'fix.yaml')), fixes.has(id), `${id}: the fix bears its name`)
    })

  test('shares what its policies have in common', () => {
    for (const policy of [...policies, ...fixes.values()])
      for (const { name, expression } of definitionOf(policy).variables)
        if (Object.hasOwn(SHARED, name)) assert.equal(expression, SHARED[name], `${policy.name}: ${name}`)
  })

  test('compiles', () => {
    const { policies: compiled, slots } = compileSet(policies.map(definitionOf), LANGUAGE)
    for (const { definition, conditions, validations, messages, annotations } of compiled)
      for (const { issues } of [...conditions, ...validations, ...messages, ...annotations] as readonly Expression[])
        assert.equal(issues, '', definition.name)
    for (const { name, issues } of slots) assert.equal(issues, '', name)
  })
})

describe('the examples of the catalogue', () => {
  for (const policy of newest)
    test(policy.name, async () => {
      const read = (name: string): Promise<readonly KubeObject[]> =>
        existsSync(join(FOLDER, policy.name, name)) ? documents(policy.name, name) : Promise.resolve([])
      const fix = fixes.get(policy.name)
      const results = judgeExamples(
        {
          policy: [policy, ...(await read('params.yaml'))],
          good: await read('good.yaml'),
          bad: await read('bad.yaml'),
          ...(fix ? { fix } : {}),
        },
        LATEST_POD_SECURITY,
      )
      for (const each of ['good', 'bad', ...(fix ? ['fixed'] : [])])
        assert.ok(
          results?.some((result) => result.test === each),
          `${policy.name}: nothing is ${each}`,
        )
      const wrong = results?.filter(({ isRight }) => !isRight)
      assert.deepEqual(
        wrong?.map((each) => `${each.test} ${each.object.id}: ${each.message}`),
        [],
      )
    })
})
