import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ESCAPE_KINDS } from '../src/engines/escape/escape.ts'
import { JOINS } from '../src/engines/joins.ts'
import type { Proposer } from '../src/fix/fix.ts'
import { aliasesOf } from './generate/alias.ts'
import { readFolders } from './generate/check-folder.ts'
import { POLARIS_CHECKS } from './generate/polaris-checks.ts'
import { SHARED_VARIABLES } from './generate/policy-text.ts'
import { generated } from './generate.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.test\.|testing/.test(file))
  .map((file) => read(join('src', file)))

/** The ids that the sources write as `key: 'some-id'`. */
function written(key: string): Set<string> {
  const pattern = new RegExp(`\\b${key}: (?:\\w+ \\? '([a-z-]+)' : )?'([a-z]+(?:-[a-z]+)+)'`, 'g')
  return new Set(
    sources.flatMap((text) =>
      [...text.matchAll(pattern)].flatMap(([, a, b]) => [a, b].filter((id) => id !== undefined)),
    ),
  )
}

const folders = readFolders()
const joins = JOINS.map(({ check }) => check)
const pages = generated()

describe('the docs', () => {
  for (const [name, text] of pages) {
    test(`reference/${name} is as the code makes it (node docs/generate.ts)`, () =>
      assert.equal(read(`docs/reference/${name}`), text))
  }

  test('every check has its page, and every page its check', () => {
    const kinds = [...written('check'), ...ESCAPE_KINDS.map(({ kind }) => `escape-${kind}`)]
    const findings = kinds.filter((id) => !NO_FINDING.has(id))
    const policies = folders.map(({ check }) => check.id)
    const ids = new Set([...findings, ...policies, ...joins.map(({ id }) => id)])
    assert.equal(new Set([...policies, ...joins.map(({ id }) => id)]).size, policies.length + joins.length)
    const files = readdirSync(join(root, 'docs/reference/checks')).filter((file) => file !== 'README.md')
    assert.deepEqual(files.map((file) => file.replace('.md', '')).sort(), [...ids].sort())
    const index = read('docs/reference/checks/README.md')
    for (const file of files) {
      const page = read(`docs/reference/checks/${file}`)
      const parts = pages.has(`checks/${file}`) ? GENERATED_PARTS : WRITTEN_PARTS
      for (const part of parts) assert.match(page, new RegExp(`^## ${part}\n+.`, 'm'), `${file}: ${part}`)
      assert.ok(index.includes(`](${file})`), file)
    }
  })

  test('the page of a join says what the join says of itself', () => {
    for (const { id, title, severity } of joins) {
      const page = read(`docs/reference/checks/${id}.md`)
      assert.ok(page.startsWith(`# ${id}\n\n**${title}.** Severity: ${severity}`), id)
    }
  })

  test('each check of Polaris is answered by one check', () => {
    assert.equal(POLARIS_CHECKS.length, 44)
    const checks = [...folders.map(({ check }) => check), ...joins]
    const answers = checks.flatMap((check) =>
      aliasesOf(check, 'polaris').map(({ id }) => ({ id, severity: check.polaris })),
    )
    assert.deepEqual(
      answers.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      POLARIS_CHECKS.map(({ id, severity }) => ({ id, severity })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    )
  })

  test('every unknown is in the list', () => {
    const page = read('docs/reference/unknowns.md')
    const ids = sources.flatMap((text) =>
      [...text.matchAll(/\bid: '([a-z]+(?:-[a-z]+)*)',\n\s*message/g)].map(([, id]) => id),
    )
    assert.ok(ids.length > 15)
    for (const id of ids) assert.ok(page.includes(`| \`${id}\` |`), id)
  })

  test('the page of the command line names every option', () => {
    const page = read('docs/reference/cli.md')
    for (const command of COMMANDS) {
      const help = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), ...command.split(' '), '--help'], {
        encoding: 'utf8',
      })
      const options = [...help.stdout.matchAll(/--[a-z-]+/g)].map(([option]) => option)
      assert.ok(options.length > 4)
      for (const option of options) {
        if (['--help', '--filename', '--recursive', '--namespace', '--output', '--quiet'].includes(option)) continue
        assert.ok(page.includes(option), `${command} ${option}`)
      }
    }
  })

  test('what the README shows is what the example prints', () => {
    const input = ['-f', 'examples/shop', '-R', '--history', 'examples/shop/history']
    const args = [join(root, 'src/cli/main.ts'), 'scan', ...input, '-q']
    const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    const printed = stdout.split('\n').map((line) => line.trimEnd())
    const [, sample = ''] = read('README.md').split('the tests\n\nBoth')
    const shown = [...sample.matchAll(/^ {4}(?! *…)(.+)$/gm)].map(([, line = '']) => line)
    const lines = shown.slice(
      0,
      shown.findIndex((line) => line.startsWith('bin/bulkhead')),
    )
    assert.ok(lines.length > 10)
    for (const line of lines) {
      const start = / …$/.test(line) ? line.slice(0, -2) : undefined
      assert.ok(
        printed.some((each) => (start === undefined ? each === line : each.startsWith(start))),
        line,
      )
    }
  })

  test('what the README shows of checks is what the example prints', () => {
    const readme = read('README.md')
    for (const command of ['policy eval -f examples/shop -R', 'fix -f examples/shop -R --profile baseline']) {
      const args = [join(root, 'src/cli/main.ts'), ...command.split(' '), '-q']
      const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
      const printed = new Set(stdout.split('\n').map((line) => line.trimEnd()))
      const [, after = ''] = readme.split(`    bin/bulkhead ${command}\n\n`)
      const [sample = ''] = after.split(/^\S/m)
      const shown = [...sample.matchAll(/^ {4}(?!…)(.+)$/gm)].map(([, line = '']) => line)
      assert.ok(shown.length > 7, command)
      for (const line of shown) assert.ok(printed.has(line), line)
    }
  })

  test('the example of the guide to checks passes its tests', () => {
    const guide = read('docs/guides/write-a-check.md')
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-guide-'))
    try {
      const texts = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
      const names = ['policy.yaml', 'fix.yaml', 'good.yaml', 'bad.yaml']
      assert.equal(texts.length, names.length)
      for (const [index, name] of names.entries()) writeFileSync(join(folder, name), texts[index] ?? '')
      const args = [join(root, 'src/cli/main.ts'), 'policy', 'test', folder]
      const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      assert.equal(status, 0, stdout)
      for (const line of stdout.trimEnd().split('\n')) assert.ok(guide.includes(line.trimEnd()), line)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('the guide to checks shows the variables that policies share', () => {
    const guide = read('docs/guides/write-a-check.md')
    for (const name of SHARED_VARIABLES) {
      const row = new RegExp(`^\\| \`${name}\`[^|]*\\| \`(.+)\` \\|$`, 'm').exec(guide)?.[1]
      const texts = folders
        .flatMap(({ policy, fix = '' }) => [policy, fix])
        .flatMap((text) => [...text.matchAll(new RegExp(`- name: ${name}\n +expression: (.+)`, 'g'))])
        .map(([, text = '']) => text.replace(/^"(.*)"$/, '$1'))
      assert.ok(texts.length > 0, name)
      for (const text of texts) assert.equal(text, row, name)
    }
  })

  test('every kind of fix has its section, and every section its kind', async () => {
    const page = read('docs/reference/fixes.md')
    const kinds = (await proposers()).map(({ kind }) => kind)
    assert.ok(kinds.length > 10)
    const [, ...sections] = page.split(/^### /m)
    const pageKinds = sections.map((section) => /^`([a-z-]+)`$/m.exec(section)?.[1])
    assert.deepEqual([...pageKinds].sort(), [...kinds].sort())
    for (const section of sections)
      for (const row of ['changes', 'proposed', 'not proposed', 'witness', 'best verdict', 'check before'])
        assert.match(section, new RegExp(`^\\| ${row} \\| \\S`, 'm'), section.split('\n')[0])
  })

  test('every blind spot is in the list', () => {
    const page = read('docs/reference/proof.md')
    const listed = [...page.matchAll(/^\| `([a-z]+(?:-[a-z]+)*)` \|/gm)].map(([, kind]) => kind)
    const proving = readdirSync(join(root, 'src/prove'))
      .filter((file) => file.endsWith('.ts') && !/\.test\.|testing/.test(file))
      .map((file) => read(join('src/prove', file)))
    const kinds = new Set(
      proving.flatMap((text) => [
        ...[...text.matchAll(/\bkind: '([a-z]+(?:-[a-z]+)*)',\n\s*message\b/g)].map(([, kind]) => kind),
        ...[...text.matchAll(/kind: '([a-z-]+)', message:/g)].map(([, kind]) => kind),
        ...[...text.matchAll(/\badd\(\s*'([a-z]+(?:-[a-z]+)*)',/g)].map(([, kind]) => kind),
        ...[...text.matchAll(/\bdoubt\([^)]*?'([a-z]+(?:-[a-z]+)*)'/g)].map(([, kind]) => kind),
      ]),
    )
    assert.ok(kinds.size > 15)
    assert.deepEqual([...listed].sort(), [...kinds].sort())
  })

  test('every link leads somewhere', () => {
    const files = [
      ...readdirSync(root).filter((file) => file.endsWith('.md')),
      ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md'))
        .map((file) => join('docs', file)),
    ]
    for (const file of files) {
      const prose = read(file).replaceAll(/^```[\s\S]*?^```$/gm, '')
      for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue
        const [path = '', anchor] = target.split('#')
        const to = path === '' ? file : join(dirname(file), path)
        assert.ok(existsSync(join(root, to)), `${file}: ${target}`)
        if (anchor) assert.ok(anchors(read(to)).has(anchor), `${file}: ${target}`)
      }
    }
  })
})

/** Those that src/fix/proposers.ts imports. */
async function proposers(): Promise<readonly Proposer[]> {
  const imports = read('src/fix/proposers.ts').matchAll(/^import \{ (\w+) \} from '\.\/([^']+)'$/gm)
  const found: Proposer[] = []
  for (const [, name = '', file = ''] of imports) {
    const module = (await import(join(root, 'src/fix', file))) as Record<string, Proposer | readonly Proposer[]>
    found.push(...[module[name] ?? []].flat())
  }
  return found
}

/** Steps that only ever stand beside a graver one of the same cause, or are no fault of the workload. */
const NO_FINDING: ReadonlySet<string> = new Set([
  'escape-runs',
  'escape-node-identity',
  'escape-node-reads',
  'escape-control-plane-node',
  'escape-holds-secret',
  'escape-mounts-claim',
  'escape-stops',
  'escape-controls',
])

const WRITTEN_PARTS = ['What', 'Why an attacker cares', 'How it is shown', 'Fix', 'When to accept it', 'Sources']
const COMMANDS = [
  ...['scan', 'apps', 'radius', 'path', 'graph', 'fix', 'prove'],
  ...['access can', 'access who-can', 'access rules', 'access used', 'access minimize', 'access expand'],
  ...['access offboard', 'access findings'],
  ...['routes', 'migrate', 'limits', 'replay', 'front', 'bounds', 'apiserver', 'overload', 'probe'].map(
    (name) => `traffic ${name}`,
  ),
  ...['policy eval', 'policy list', 'policy export', 'policy import', 'policy test'],
]
const GENERATED_PARTS = [
  'What',
  'Why (?:an attacker cares|it matters)',
  'Fix',
  'When to accept it',
  'How it is decided',
  'Examples',
  'References',
]

function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set([...headings, ...[...text.matchAll(/id="([^"]+)"/g)].map(([, id = '']) => id)])
}
