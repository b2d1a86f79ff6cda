import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseYaml } from '../../cluster/yaml.ts'
import { yamlPieces } from '../yaml.ts'
import { csv } from './csv.ts'
import { fileNames } from './file-uri.ts'
import { github } from './github.ts'
import { accepted, checkNamed, EVERY_KIND, everyResult, HOSTILE, judgedOf } from './judged.testing.ts'
import type { Judged } from './judged.ts'
import { junit } from './junit.ts'
import { checkMarkdown } from './markdown.ts'
import { policyResults } from './results.ts'
import { resultsJson } from './results-json.ts'
import { sarif } from './sarif.ts'
import { checkScreen, wideCheckScreen } from './screen.ts'

const names = fileNames('/repo')
const plain = (text: string): string => text
const term = { width: 80, bold: plain, dim: plain, red: plain }
const text = (pieces: Iterable<string>): string => [...pieces].join('')
const screenOf = (judged: Judged, width = 80): readonly string[] => [
  ...checkScreen(judged, { ...term, width }, { next: 'bulkhead fix' }),
]

describe('JSON and YAML', () => {
  test('are one document', () => {
    const json = JSON.parse(text(resultsJson(everyResult()))) as { items: { result: string }[] }
    assert.deepEqual(
      json.items.map(({ result }) => result),
      ['fail', 'fail', 'unknown', 'fail', 'excepted'],
    )
    const yaml = parseYaml(text(yamlPieces(policyResults(everyResult()))))
    assert.deepEqual(yaml.value, json)
  })

  test('passes are in them where they are asked for', () => {
    const { items } = JSON.parse(text(resultsJson(everyResult({ withPasses: true })))) as {
      items: { result: string; location?: object }[]
    }
    assert.equal(items.length, 6)
    assert.deepEqual([items[0]?.result, items[0]?.location], ['pass', undefined])
  })

  test('of no results are whole', () => {
    const none = judgedOf(EVERY_KIND, [])
    assert.deepEqual((JSON.parse(text(resultsJson(none))) as { items: unknown }).items, [])
    assert.deepEqual((parseYaml(text(yamlPieces(policyResults(none)))).value as { items: unknown }).items, [])
  })
})

describe('the table', () => {
  test('has the gravest first and folds what a controller made', () => {
    const lines = screenOf(everyResult())
    assert.equal(lines[0], 'Two objects fail two checks: 1 critical and 1 low.')
    const at = (start: string): number => lines.findIndex((line) => line.startsWith(start))
    assert.ok(at('Critical') > 0 && at('Critical') < at('Low') && at('Low') < at('Not known'))
    assert.ok(at('Not known') < at('Accepted'))
    assert.equal(lines[at('Critical') + 1], '     1  Title of privileged  privileged, fixable')
    assert.match(lines[at('Critical') + 2] as string, /^ {8}a\.yaml:\d+ \(\+1 made by controllers\)$/)
    assert.match(lines.join(' ').replaceAll(/ +/g, ' '), /needed by the CNI \(platform, until 2027-01-31\)/)
    assert.deepEqual(lines.slice(-2), ['For 2 of the failures a fix is known:', '  bulkhead fix'])
  })

  test('says so when nothing fails, and then has no next command', () => {
    const lines = screenOf(
      judgedOf(EVERY_KIND, [{ check: checkNamed('a'), object: 'ConfigMap/shop/settings', result: 'pass' }]),
    )
    assert.equal(lines[0], 'No check fails.')
    assert.ok(!lines.join().includes('bulkhead fix'))
  })

  test('leaves out what the baseline has, and counts it', () => {
    const lines = screenOf(
      judgedOf(EVERY_KIND, [
        { check: checkNamed('a'), object: 'ConfigMap/shop/settings', result: 'fail', known: true },
      ]),
    )
    assert.equal(lines[0], 'No check fails. One failure of the baseline is left out.')
  })

  test('is never wider than the screen', () => {
    const check = checkNamed('a-very-long-name-of-a-check-of-somebody', { title: 'word '.repeat(40) })
    const judged = judgedOf(
      EVERY_KIND,
      ['Deployment/shop/web', 'ConfigMap/shop/settings', 'DaemonSet/kube-system/cni'].map((object) => ({
        check,
        object,
        result: 'fail',
        message: 'long '.repeat(50),
      })),
      { locate: () => ({ file: `${'folder/'.repeat(30)}a.yaml`, line: 12_345, column: 1 }) },
    )
    for (const width of [40, 80, 160])
      for (const make of [checkScreen, wideCheckScreen])
        for (const line of make(judged, { ...term, width }, { next: 'bulkhead fix' }))
          assert.ok(line.length <= width, `${width}: ${line}`)
  })

  test('-o wide has every item and says what it is', () => {
    const lines = [...wideCheckScreen(everyResult({ withPasses: true }), term, { next: 'bulkhead fix' })]
    const labels = lines.flatMap((line) => /^(\w+) +(?:Deployment|Pod|ConfigMap|DaemonSet) /.exec(line)?.[1] ?? [])
    assert.deepEqual(labels, ['pass', 'critical', 'critical', 'unknown', 'low', 'accepted'])
  })
})

describe('JUnit', () => {
  const xml = text(junit(everyResult()))

  test('counts what it holds', () => {
    assert.match(xml, /<testsuites name="bulkhead" tests="6" failures="3" errors="1" skipped="1">/)
    assert.match(xml, /<testsuite name="privileged" tests="3" failures="2" errors="0" skipped="1">/)
    assert.equal(xml.match(/<testcase /g)?.length, 6)
    assert.equal(xml.match(/<failure /g)?.length, 3)
    assert.match(xml, /<skipped message="needed by the CNI \(platform, until 2027-01-31\)"\/>/)
    const known = judgedOf(EVERY_KIND, [
      { check: checkNamed('a'), object: 'ConfigMap/shop/settings', result: 'fail', known: true },
    ])
    assert.match(text(junit(known)), /tests="1" failures="0" errors="0" skipped="1"/)
    assert.match(text(junit(known)), /<skipped message="in the baseline: what a says"\/>/)
    assert.match(xml, /<error type="unknown" message="its data is not in the input">/)
  })
})

describe('GitHub annotations', () => {
  test('are the first ten of each level, the gravest first', () => {
    const grave = checkNamed('grave', { severity: 'critical' })
    const less = checkNamed('less', { severity: 'high' })
    const many = Array.from({ length: 12 }, () => ({
      check: less,
      object: 'ConfigMap/shop/settings',
      result: 'fail' as const,
    }))
    const judged = judgedOf(EVERY_KIND, [...many, { check: grave, object: 'ConfigMap/shop/settings', result: 'fail' }])
    const lines = text(github(judged, names)).trimEnd().split('\n')
    assert.equal(lines.length, 11)
    assert.match(
      lines[0] as string,
      /^::error file=a\.yaml,line=\d+,col=3,title=Title of grave \(grave\)::ConfigMap shop\/settings: what grave says$/,
    )
    assert.equal(lines.at(-1), 'and 3 more, which GitHub would not show')
  })

  test('are none of passes, unknowns, accepted ones and those of the baseline', () => {
    const check = checkNamed('a')
    const object = 'ConfigMap/shop/settings'
    const judged = judgedOf(EVERY_KIND, [
      { check, object, result: 'pass' },
      { check, object, result: 'unknown' },
      { check, object, result: 'excepted' },
      { check, object, result: 'fail', known: true },
    ])
    assert.equal(text(github(judged, names)), '')
  })
})

describe('JUnit', () => {
  const check = checkNamed('whole-object')
  const object = 'ConfigMap/shop/settings'
  const write = (item: Parameters<typeof judgedOf>[1][number]): string => text(junit(judgedOf(EVERY_KIND, [item])))

  test('an object as a whole has a place without a path', () => {
    const failed = write({ check, object, result: 'fail', message: 'is wrong', at: [{ path: [] }] })
    assert.match(failed, />Title of whole-object: is wrong \(a\.yaml:\d+\)<\/failure>/)
  })

  test('what was accepted without a word says so', () => {
    const exception = { ...accepted, reason: '', owner: '', expires: 'never' as const }
    assert.match(write({ check, object, result: 'excepted', exception }), /<skipped message="no reason given"\/>/)
  })
})

describe('Markdown and CSV', () => {
  test('a row for each check; an item for each line', () => {
    const md = text(checkMarkdown(everyResult()))
    assert.match(md, /^## Bulkhead: 1 critical and 1 low\n/)
    assert.match(md, /\| critical \| Title of privileged \(privileged\) \| 1 \| yes \| a\.yaml:\d+ \|\n/)
    const lines = text(csv(everyResult())).split('\r\n')
    assert.equal(lines.length, 7)
    assert.equal(lines[0]?.split(',').length, lines[1]?.split(',').length)
  })
})

describe('names that attack', () => {
  const check = checkNamed('bad-name', { title: HOSTILE, aliases: { trivy: HOSTILE }, references: [HOSTILE] })
  const judged = judgedOf(
    EVERY_KIND,
    (['fail', 'unknown', 'excepted'] as const).map((result) => ({
      check,
      object: 'ConfigMap/shop/settings',
      result,
      message: HOSTILE,
      at: [{ path: [HOSTILE], container: HOSTILE }],
    })),
    { locate: () => ({ file: `dir/${HOSTILE}.yaml`, line: 1, column: 1 }) },
  )
  const outputs: Readonly<Record<string, string>> = {
    json: text(resultsJson(judged)),
    yaml: text(yamlPieces(policyResults(judged))),
    csv: text(csv(judged)),
    md: text(checkMarkdown(judged)),
    junit: text(junit(judged)),
    github: text(github(judged, names)),
    sarif: text(sarif(judged, { version: '1', names, pageOf: () => undefined })),
    table: `${screenOf(judged).join('\n')}\n`,
    wide: `${[...wideCheckScreen(judged, term, { next: '' })].join('\n')}\n`,
  }

  for (const [format, output] of Object.entries(outputs))
    test(`${format}: no control character and no mark that reorders text`, () =>
      assert.doesNotMatch(
        output.replaceAll('\r\n', '\n'),
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
      ))

  test('JSON, YAML and SARIF give the text back', () => {
    const { items } = JSON.parse(outputs.json as string) as { items: { message: string }[] }
    assert.equal(items[0]?.message, HOSTILE)
    assert.equal(
      (parseYaml(outputs.yaml as string).value as typeof items extends never ? never : { items: typeof items }).items
        .length,
      3,
    )
    assert.doesNotThrow(() => JSON.parse(outputs.sarif as string))
  })

  test('CSV: no cell is a formula', () => {
    for (const line of (outputs.csv as string).split('\r\n')) assert.doesNotMatch(line, /(^|,)"?[=+@-]/)
    assert.match(outputs.csv as string, /"'=cmd\|/)
  })

  test('Markdown: no markup, no row and no cell of their own', () => {
    const rows = (outputs.md as string).split('\n').filter((line) => line.startsWith('|'))
    assert.equal(rows.length, 9)
    assert.deepEqual(
      rows.map((row) => row.match(/(?<!\\)\|/g)?.length),
      [6, 6, 6, 5, 5, 5, 5, 5, 5],
    )
    for (const row of rows) {
      assert.doesNotMatch(row, /(?<!\\)[<>`]/)
    }
  })

  test('JUnit: no element of their own', () => {
    assert.doesNotMatch(outputs.junit as string, /<\/script|<b |\]\]>/)
    assert.equal((outputs.junit as string).match(/<testcase /g)?.length, 3)
    assert.ok((outputs.junit as string).isWellFormed())
  })

  test('GitHub: one command, whose properties hold no colon and no comma', () => {
    const lines = (outputs.github as string).trimEnd().split('\n')
    assert.equal(lines.length, 1)
    const [, properties = ''] = /^::error (.*?)::/.exec(lines[0] as string) ?? []
    assert.equal(properties.split(',').length, 4)
  })
})

test('results are made while they are written', () => {
  const check = checkNamed('a')
  const one = judgedOf(EVERY_KIND, [{ check, object: 'ConfigMap/shop/settings', result: 'fail' }])
  const [item] = one.results.items
  assert.ok(item)
  let made = 0
  const items = {
    length: 0,
    *[Symbol.iterator]() {
      for (;;) {
        made++
        yield item
      }
    },
  } as unknown as typeof one.results.items
  const endless = { ...one, results: { ...one.results, items } }
  for (const make of [
    () => resultsJson(endless),
    () => yamlPieces(policyResults(endless)),
    () => csv(endless),
    () => sarif(endless, { version: '1', names, pageOf: () => undefined }),
    () => wideCheckScreen(endless, term, { next: '' }),
  ]) {
    made = 0
    let pieces = 0
    for (const _ of make()) if (++pieces > 1_000) break
    assert.ok(made > 0 && made <= 1_000, `${made}`)
  }
})
