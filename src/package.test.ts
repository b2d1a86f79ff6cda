import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(join(root, 'docs/reference/cel.md'), 'utf8')
const example = /^```js\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
const printed = /^```text\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''

function run(folder: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
}

function compile(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], { encoding: 'utf8' })
}

const TYPED = `import { compile, DYN, type Issue, kubernetesEnv, Meter, type Value } from 'bulkhead/cel'

const made = compile('x + 1', kubernetesEnv({ minor: 36, variables: new Map([['x', DYN]]) }))
export const value: Value | readonly Issue[] = made.program ? made.program.run([1], new Meter()) : made.issues
// @ts-expect-error An activation is a list.
made.program?.run({ x: 1 }, new Meter())
`

/** What npm would publish, unpacked into a consumer's node_modules; no registry is asked. */
describe('the published package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-package-'))
  const own = join(folder, 'node_modules/bulkhead')
  after(() => rmSync(folder, { recursive: true }))

  const install = (name: string): void =>
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true })

  before(() => {
    const stage = join(folder, 'stage')
    mkdirSync(stage)
    for (const name of ['package.json', 'README.md', 'LICENSE', 'policies', 'src'])
      cpSync(join(root, name), join(stage, name), { recursive: true })
    // Faults of types elsewhere are told by `npm run check`; the compiler writes all the same.
    compile('-p', join(root, 'tsconfig.build.json'), '--outDir', join(stage, 'dist'))
    const pack = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', folder]
    const tarball = execFileSync('npm', pack, { cwd: stage, encoding: 'utf8', shell: process.platform === 'win32' })
    execFileSync('tar', ['-xzf', tarball.trim()], { cwd: folder })
    mkdirSync(join(folder, 'node_modules'))
    renameSync(join(folder, 'package'), own)
    install('re2js')
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  })

  test('holds no TypeScript but declarations, and no test', () => {
    const files = execFileSync('tar', ['-tzf', `bulkhead-${version()}.tgz`], { cwd: folder, encoding: 'utf8' }).split(
      '\n',
    )
    assert.ok(files.includes('package/dist/cel/cel.js'))
    assert.ok(files.includes('package/dist/cel/cel.d.ts'))
    assert.ok(files.includes('package/policies/privileged/policy.yaml'))
    assert.deepEqual(
      files.filter((file) => /(?<!\.d)\.ts$|testing|\.test\./.test(file)),
      [],
    )
  })

  test('evaluates the example of docs/reference/cel.md, with re2js alone', () => {
    writeFileSync(join(folder, 'example.js'), example)
    assert.equal(run(folder, ['example.js']), printed)
  })

  test('has types that a strict compiler takes', () => {
    writeFileSync(join(folder, 'typed.ts'), TYPED)
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', target: 'esnext', types: [] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }))
    const { status, stdout } = compile('-p', folder)
    assert.equal(status, 0, stdout)
  })

  test('runs the command line with its policies', () => {
    for (const name of ['commander', 'js-yaml', 'argparse']) install(name)
    const bad = join(own, 'policies/privileged/bad.yaml')
    const args = ['policy', 'eval', '-f', bad, '--checks', 'privileged', '-o', 'json', '-q']
    const { items } = JSON.parse(run(folder, [join(own, 'dist/cli/main.js'), ...args])) as {
      readonly items: readonly { readonly result: string }[]
    }
    assert.equal(items.length, 8)
    assert.ok(items.every(({ result }) => result === 'fail'))
  })
})

test('bulkhead/cel is its source in the repository', () =>
  assert.equal(run(root, ['--conditions=bulkhead-source', '--input-type=module', '--eval', example]), printed))

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }).version
}
