import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ESCAPE_KINDS } from '../src/engines/escape/escape.ts'
import type { Proposer } from '../src/fix/fix.ts'
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

describe('the docs', () => {
  for (const [name, text] of generated()) {
    test(`reference/${name} is as the code makes it (node docs/generate.ts)`, () =>
      assert.equal(read(`docs/reference/${name}`), text))
  }

  test('every check has its page, and every page its check', () => {
    const checks = [...written('check'), ...ESCAPE_KINDS.map(({ kind }) => `escape-${kind}`)]
    const findings = new Set(checks.filter((id) => !NO_FINDING.has(id)))
    const pages = readdirSync(join(root, 'docs/reference/checks')).filter((file) => file !== 'README.md')
    assert.deepEqual(pages.map((file) => file.replace('.md', '')).sort(), [...findings].sort())
    const index = read('docs/reference/checks/README.md')
    for (const file of pages) {
      const page = read(`docs/reference/checks/${file}`)
      for (const part of ['What', 'Why an attacker cares', 'How it is shown', 'Fix', 'When to accept it', 'Sources'])
        assert.match(page, new RegExp(`^## ${part}\n.`, 'm'), `${file}: ${part}`)
      assert.ok(index.includes(`](${file})`), file)
    }
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
    for (const command of ['scan', 'apps', 'radius', 'path', 'graph', 'fix', 'prove']) {
      const help = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), command, '--help'], { encoding: 'utf8' })
      const options = [...help.stdout.matchAll(/--[a-z-]+/g)].map(([option]) => option)
      assert.ok(options.length > 10)
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
      for (const [, target = ''] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
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

function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set([...headings, ...[...text.matchAll(/id="([^"]+)"/g)].map(([, id = '']) => id)])
}
