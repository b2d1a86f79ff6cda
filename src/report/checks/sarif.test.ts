import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { problem } from '../../errors.ts'
import { fileNames } from './file-uri.ts'
import { accepted, checkNamed, EVERY_KIND, everyResult, HOSTILE, judgedOf } from './judged.testing.ts'
import type { Judged } from './judged.ts'
import { SARIF_SCHEMA } from './sarif.schema.testing.ts'
import { type SarifOptions, sarif } from './sarif.ts'

const PAGE = '## What\n\nA container has it all.\n\n## Fix\n\nRemove the field.\n'
const options: SarifOptions = {
  version: '1.2.3',
  names: fileNames('/repo'),
  pageOf: (id) => (id === 'privileged' ? PAGE : undefined),
  fixOf: (item) =>
    item.check.id === 'privileged'
      ? [{ file: 'a.yaml', startLine: 2, startColumn: 1, endLine: 3, endColumn: 1, text: '' }]
      : [],
}
const validate = new Ajv({ formats: { uri: true, 'uri-reference': true } }).compile(SARIF_SCHEMA)

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { id: string; [key: string]: unknown }[] } }
      readonly invocations: readonly [Record<string, unknown>]
      readonly results: readonly Record<string, unknown>[]
    },
  ]
}

function logOf(judged: Judged, given: SarifOptions = options): Log['runs'][0] {
  const log = JSON.parse([...sarif(judged, given)].join('')) as Log
  assert.ok(validate(log), JSON.stringify(validate.errors))
  return log.runs[0]
}

describe('SARIF', () => {
  test('is as its schema says, with every result, with none, and with names that attack', () => {
    assert.equal(logOf(everyResult({ withPasses: true })).results.length, 6)
    assert.equal(logOf(judgedOf(EVERY_KIND, [])).results.length, 0)
    const check = checkNamed('bad-name', { title: HOSTILE, references: [HOSTILE, `https://x/${HOSTILE}`] })
    const at = [{ path: [HOSTILE], container: HOSTILE }]
    const hostile = judgedOf(
      EVERY_KIND,
      [
        {
          check,
          object: 'ConfigMap/shop/settings',
          result: 'excepted',
          message: HOSTILE,
          at,
          exception: { ...accepted, reason: HOSTILE },
        },
      ],
      { locate: () => ({ file: `../${HOSTILE}`, line: 1, column: 1 }) },
    )
    assert.equal(logOf(hostile).results.length, 1)
  })

  test('the schema refuses what it does not name', () => {
    assert.ok(
      !validate({
        version: '2.1.0',
        runs: [{ tool: { driver: { name: 'x' } }, results: [{ message: { text: '' }, line: 1 }] }],
      }),
    )
  })

  test('a result names its rule, by id and by place', () => {
    const { tool, results } = logOf(everyResult())
    for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex as number]?.id, ruleId)
  })

  test('a rule has what a person must know, and where to read more', () => {
    const [, rule] = logOf(everyResult()).tool.driver.rules as readonly [unknown, Record<string, unknown>]
    assert.equal(rule.id, 'privileged')
    assert.deepEqual(rule.fullDescription, { text: 'A container has it all.' })
    assert.equal(rule.helpUri, 'https://example.test/privileged')
    assert.deepEqual(rule.defaultConfiguration, { level: 'error' })
    assert.match((rule.help as { markdown: string }).markdown, /Remove the field\.\n\n## References\n\n- CIS 5\.2\.2/)
    const properties = rule.properties as Record<string, unknown>
    assert.equal(properties['security-severity'], '9.5')
    assert.ok((properties.tags as string[]).includes('kube-linter:privileged-container'))
  })

  test('each kind of result is what SARIF calls it', () => {
    const { results } = logOf(everyResult({ withPasses: true }))
    assert.deepEqual(
      results.map(({ kind, level, suppressions }) => [kind, level, suppressions !== undefined]),
      [
        ['pass', 'none', false],
        ['fail', 'error', false],
        ['fail', 'error', false],
        ['open', 'none', false],
        ['fail', 'note', false],
        ['fail', 'error', true],
      ],
    )
    assert.deepEqual(results.at(-1)?.suppressions, [
      { kind: 'external', status: 'accepted', justification: 'needed by the CNI (platform, until 2027-01-31)' },
    ])
  })

  test('further faults are related locations; fixes stand only at failures', () => {
    const { results } = logOf(everyResult())
    const [first, , unknown, , excepted] = results
    assert.deepEqual((first as { relatedLocations?: unknown[] }).relatedLocations?.length, 1)
    assert.ok(first?.fixes)
    assert.equal(unknown?.fixes, undefined)
    assert.equal(excepted?.fixes, undefined)
  })

  test('fingerprints stay when lines change, and differ by object', () => {
    const prints = (judged: Judged): readonly unknown[] => logOf(judged).results.map((each) => each.partialFingerprints)
    const moved = everyResult({ locate: () => ({ file: 'b.yaml', line: 99, column: 9 }) })
    assert.deepEqual(prints(everyResult()), prints(moved))
    assert.equal(new Set(prints(moved).map((each) => JSON.stringify(each))).size, 5)
  })

  test('files are relative to the root with its base, others are absolute', () => {
    const uriOf = (file: string): unknown => {
      const [result] = logOf(everyResult({ locate: () => ({ file, line: 1, column: 1 }) })).results
      const [location] = (result as Record<string, unknown>).locations as [
        { physicalLocation: { artifactLocation: unknown } },
      ]
      return location.physicalLocation.artifactLocation
    }
    assert.deepEqual(uriOf('/repo/a b/ü#.yaml'), { uri: 'a%20b/%C3%BC%23.yaml', uriBaseId: '%SRCROOT%' })
    assert.deepEqual(uriOf('./x.yaml'), { uri: 'x.yaml', uriBaseId: '%SRCROOT%' })
    assert.deepEqual(uriOf('../x.yaml'), { uri: 'file:///x.yaml' })
    assert.deepEqual(uriOf('..x/y.yaml'), { uri: '..x/y.yaml', uriBaseId: '%SRCROOT%' })
  })

  test('the end of a place is behind its key, else behind the line', () => {
    const regionOf = (line: string): unknown => {
      const judged = everyResult({ locate: () => ({ file: 'a.yaml', line: 1, column: 3 }) })
      const [result] = logOf(judged, { ...options, lineText: () => line }).results
      const [location] = (result as Record<string, unknown>).locations as [
        { physicalLocation: { region: { endColumn?: number } } },
      ]
      return location.physicalLocation.region.endColumn
    }
    assert.equal(regionOf('  privileged: true'), 13)
    assert.equal(regionOf('  "privileged": true'), 15)
    assert.equal(regionOf('  - name: x  '), 12)
    assert.equal(regionOf(''), undefined)
  })

  test('what could not be read is told, and the run was not successful', () => {
    const problems = [problem('BH_YAML', { reason: 'bad' }, { file: 'b.yaml', line: 3, column: 2 })]
    const { invocations } = logOf(everyResult({ inputs: { files: 2, objects: 4, problems } }))
    assert.equal(invocations[0].executionSuccessful, false)
    const [note] = invocations[0].toolExecutionNotifications as [{ descriptor: { id: string } }]
    assert.equal(note.descriptor.id, 'BH_YAML')
    assert.equal(logOf(everyResult()).invocations[0].executionSuccessful, true)
  })

  test('no value of a file is in it', () => {
    const judged = everyResult({ locate: () => ({ file: 'a.yaml', line: 1, column: 3 }) })
    const output = [...sarif(judged, { ...options, lineText: () => '  privileged: hunter2' })].join('')
    assert.ok(!output.includes('hunter2'))
  })
})
