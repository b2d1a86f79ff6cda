import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/**
 * The tree is the loop (ARCHITECTURE.md): a folder imports only from folders before it. `errors.ts` stands before them
 * all; what composes them (`loop.ts`, `input.ts`) before the reports that are made of it.
 */
const HOUSE = [
  'errors.ts',
  'cel',
  'cluster',
  'authz',
  'observe',
  'history',
  'engines',
  'radius',
  'fix',
  'prove',
  'plan',
  'exceptions',
  'input.ts',
  'known.ts',
  'checks.ts',
  'access.ts',
  'loop.ts',
  'report',
  'enforce',
  'cli',
  'server',
] as const

/** Pure folders take types from these, and nothing that runs. */
const SHELL: ReadonlySet<string> = new Set(['observe', 'history'])
const PURE: ReadonlySet<string> = new Set([
  'cel',
  'cluster',
  'authz',
  'engines',
  'radius',
  'fix',
  'prove',
  'plan',
  'exceptions',
  'input.ts',
  'known.ts',
  'checks.ts',
  'access.ts',
  'loop.ts',
])
const NODE_FREE = /^node:(fs|net|http|https|child_process|os|process|worker_threads|crypto|dgram|dns|tls|timers)/

/** Reads keys and certificates, which rests on nothing else; it makes none. */
const KEY_READER = 'cluster/credentials/private-key.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/\.(test|testing)\.ts$|\.d\.ts$|(^|\/)testing[^/]*\.ts$/.test(file),
)

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [
    ...text.matchAll(/^(import|export)\s+(type\s+)?([^;'"]*?)from\s+['"]([^'"]+)['"]/gms),
    ...text.matchAll(/import\(\s*()()()['"]([^'"]+)['"]/g),
  ]
  return found.map(([, , typeKeyword, names = '', target = '']) => {
    const isTypes = typeKeyword !== undefined && typeKeyword !== ''
    const named = /^\{([\s\S]*)\}\s*$/.exec(names.trim())
    const allTypes =
      named !== null &&
      (named[1] ?? '')
        .split(',')
        .filter((each) => each.trim() !== '')
        .every((each) => each.trim().startsWith('type '))
    return { file, target, typeOnly: isTypes || allTypes }
  })
}

const roomOf = (file: string): string => file.split('/')[0] as string
const all = files.flatMap(importsOf)

describe('the house', () => {
  test('has no room that it does not name', () => {
    for (const file of files) assert.ok((HOUSE as readonly string[]).includes(roomOf(file)), file)
  })

  test('imports point up its list only', () => {
    for (const { file, target } of all) {
      if (!target.startsWith('.')) continue
      const to = roomOf(relative(root, join(root, dirname(file), target)))
      if (to.startsWith('..') || to.endsWith('.json')) continue
      const here = (HOUSE as readonly string[]).indexOf(roomOf(file))
      const there = (HOUSE as readonly string[]).indexOf(to)
      assert.ok(there >= 0 && there <= here, `${file} imports ${target}`)
    }
  })

  test('engines import no sibling', () => {
    for (const { file, target } of all) {
      const own = /^engines\/([^/]+)\//.exec(file)?.[1]
      if (own === undefined || !target.startsWith('.')) continue
      const to = /^engines\/([^/]+)\//.exec(relative(root, join(root, dirname(file), target)))?.[1]
      assert.ok(to === undefined || to === own, `${file} imports ${target}`)
    }
  })

  test('the core is pure: no disk, network, clock or randomness, and only types of the shell', () => {
    for (const { file, target, typeOnly } of all) {
      if (!PURE.has(roomOf(file))) continue
      const isKeyReader = file === KEY_READER && target === 'node:crypto'
      assert.ok(isKeyReader || !NODE_FREE.test(target), `${file} imports ${target}`)
      const to = roomOf(relative(root, join(root, dirname(file), target)))
      assert.ok(!SHELL.has(to) || typeOnly, `${file} imports more than types of ${target}`)
    }
    for (const file of files) {
      if (!PURE.has(roomOf(file))) continue
      const text = readFileSync(join(root, file), 'utf8')
      assert.ok(
        !/\b(Date\.now|new Date\(\)|Math\.random|performance\.now|fetch\()/.test(text),
        `${file} asks the clock, the dice or the network`,
      )
    }
  })

  test('files stay short', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 400)
    assert.deepEqual(long, [])
  })

  test('every dependency has its line in DEPENDENCIES.md', () => {
    const text = readFileSync(join(root, '../DEPENDENCIES.md'), 'utf8')
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8')) as {
      dependencies: object
      devDependencies: object
    }
    for (const name of [...Object.keys(dependencies), ...Object.keys(devDependencies)])
      assert.ok(text.includes(`\`${name}\``), name)
  })
})
