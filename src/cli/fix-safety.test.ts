import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bulkhead, scanned, testFolder } from './cli.testing.ts'
import { type Replacement, replaceFiles } from './replace.ts'

const folder = testFolder()
let count = 0
const place = (): string => {
  const path = join(folder.path, `place-${++count}`)
  mkdirSync(path)
  return path
}

const pod = (name: string, namespace = 'default'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: a, image: a, securityContext: {privileged: true}}]}
`
const unprivileged = (text: string): boolean => !/privileged: true/.test(text)
const NEW = 'bulkhead-isolate-default-web.yaml'
const FIX = ['--id', 'privileged-off-default-deployment-web']
const ISOLATE = ['--id', 'isolate-default-web']

/** One workload in one file, and what else a test puts beside it. */
function tree(files: Readonly<Record<string, string>> = { 'web.yaml': pod('web') }): { cwd: string; sy: string } {
  const cwd = place()
  const sy = join(cwd, 'sy')
  mkdirSync(sy)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(sy, name), text)
  return { cwd, sy }
}

describe('no link leads outside', () => {
  test('of a new file that is a link to nothing', () => {
    const { cwd, sy } = tree()
    symlinkSync(join(cwd, 'OUTSIDE.txt'), join(sy, NEW))
    const { status, stderr } = bulkhead(['fix', '-f', 'sy', ...ISOLATE, '--in-place'], { cwd })
    assert.equal(status, 2)
    assert.match(stderr, /bulkhead-isolate-default-web\.yaml is a link that was not read/)
    assert.ok(!existsSync(join(cwd, 'OUTSIDE.txt')))
  })

  test('of a file that was read: one within is changed where it is, one outside is not', () => {
    const { cwd, sy } = tree({ 'real.txt': pod('web') })
    symlinkSync('real.txt', join(sy, 'web.yaml'))
    writeFileSync(join(cwd, 'outside.txt'), pod('web'))
    symlinkSync('outside.txt', join(cwd, 'named.yaml'))
    const named = bulkhead(['fix', '-f', 'named.yaml', ...FIX, '--in-place'], { cwd })
    assert.equal(named.status, 2)
    assert.match(named.stderr, /named\.yaml is a link to .*outside\.txt, which is outside of what -f names/)
    assert.equal(readFileSync(join(cwd, 'outside.txt'), 'utf8'), pod('web'))
    const { status, stderr } = bulkhead(['fix', '-f', 'sy', ...FIX, '--in-place'], { cwd })
    assert.deepEqual([status, stderr], [0, 'changed sy/web.yaml\n'])
    assert.ok(unprivileged(readFileSync(join(sy, 'real.txt'), 'utf8')))
    assert.equal(spawnSync('readlink', [join(sy, 'web.yaml')], { encoding: 'utf8' }).stdout, 'real.txt\n')
  })

  test('below the folder of -w, which may be one itself', () => {
    const { cwd } = tree()
    const run = () => bulkhead(['fix', '-f', 'sy', ...FIX, '-w', 'out'], { cwd })
    mkdirSync(join(cwd, 'true-out'))
    symlinkSync('true-out', join(cwd, 'out'))
    assert.equal(run().status, 0)
    const [owner = ''] = readdirSync(join(cwd, 'true-out'))
    const files = readdirSync(join(cwd, 'true-out', owner))
    assert.ok(files.length > 0)
    assert.equal(run().status, 0, 'what was written before is written again')
    for (const kind of ['folder', 'file']) {
      const out = join(cwd, 'true-out')
      const elsewhere = join(cwd, `elsewhere-${kind}`)
      spawnSync('rm', ['-rf', out])
      mkdirSync(out)
      mkdirSync(elsewhere)
      if (kind === 'folder') symlinkSync(elsewhere, join(out, owner))
      else {
        mkdirSync(join(out, owner))
        symlinkSync(join(elsewhere, 'x'), join(out, owner, files.at(-1) ?? ''))
      }
      const { status, stderr } = run()
      assert.equal(status, 2)
      assert.match(stderr, /cannot write: it is a link/)
      assert.deepEqual(readdirSync(elsewhere), [])
    }
  })
})

describe('all or nothing', () => {
  const both = { 'a.yaml': pod('web'), 'b.yaml': pod('api') }
  const BOTH = [...FIX, '--id', 'privileged-off-default-deployment-api']

  test('a file that is read-only', () => {
    const { cwd, sy } = tree(both)
    chmodSync(join(sy, 'b.yaml'), 0o444)
    const { status, stderr } = bulkhead(['fix', '-f', 'sy', ...BOTH, '--in-place'], { cwd })
    assert.equal(status, 2)
    assert.match(stderr, /sy\/b\.yaml: cannot write: .*; no file was changed/)
    for (const [name, text] of Object.entries(both)) assert.equal(readFileSync(join(sy, name), 'utf8'), text)
    assert.deepEqual(readdirSync(sy), ['a.yaml', 'b.yaml'])
  })

  test('the mode stays, and nothing is left beside', () => {
    const { cwd, sy } = tree(both)
    chmodSync(join(sy, 'b.yaml'), 0o640)
    assert.equal(bulkhead(['fix', '-f', 'sy', ...BOTH, '--in-place'], { cwd }).status, 0)
    assert.equal(statSync(join(sy, 'b.yaml')).mode & 0o777, 0o640)
    for (const name of Object.keys(both)) assert.ok(unprivileged(readFileSync(join(sy, name), 'utf8')))
    assert.deepEqual(readdirSync(sy), ['a.yaml', 'b.yaml'])
  })

  test('a file that was edited while the plan was made', async (context) => {
    const { cwd, sy } = tree({ 'web.yaml': pod('web') })
    const pipe = join(cwd, 'pipe.yaml')
    if (spawnSync('mkfifo', [pipe]).status !== 0) return context.skip('no mkfifo here')
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const args = [main, 'fix', '-f', 'sy', '-f', 'pipe.yaml', ...FIX, '--in-place']
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', resolve)
    })
    // Opens when the reader does, which has read the folder by then.
    const writer = await open(pipe, 'w')
    const mine = `# mine\n${pod('web')}`
    writeFileSync(join(sy, 'web.yaml'), mine)
    await writer.write('---\n')
    await writer.close()
    assert.equal(await ended, 2, stderr)
    assert.match(stderr, /sy\/web\.yaml: it has changed since it was read/)
    assert.equal(readFileSync(join(sy, 'web.yaml'), 'utf8'), mine)
  })

  const replacements = (cwd: string, refusal: () => string | undefined = () => undefined): readonly Replacement[] => [
    { name: join(cwd, 'new.yaml'), content: Buffer.from('new') },
    { name: join(cwd, 'a.yaml'), content: Buffer.from('A'), refusal: () => undefined },
    { name: join(cwd, 'b.yaml'), content: Buffer.from('B'), refusal },
  ]
  const files = (cwd: string): readonly string[] =>
    readdirSync(cwd).map((name) => `${name} ${readFileSync(join(cwd, name), 'utf8')}`)

  test('a failure midway gives back what was there', () => {
    const { sy } = tree({ 'a.yaml': 'a', 'b.yaml': 'b' })
    const rename = (from: string, to: string): void => {
      if (to.endsWith('b.yaml')) throw new Error('the disk is gone')
      renameSync(from, to)
    }
    assert.throws(() => replaceFiles(replacements(sy), [sy], rename), {
      message: `${join(sy, 'b.yaml')}: cannot write: the disk is gone; no file was changed`,
    })
    assert.deepEqual(files(sy), ['a.yaml a', 'b.yaml b'])
    replaceFiles(replacements(sy), [sy])
    assert.deepEqual(files(sy), ['a.yaml A', 'b.yaml B', 'new.yaml new'])
  })

  test('what changed at the last moment is not replaced', () => {
    const { sy } = tree({ 'a.yaml': 'a', 'b.yaml': 'b' })
    assert.throws(
      () =>
        replaceFiles(
          replacements(sy, () => 'it has changed'),
          [sy],
        ),
      {
        message: `${join(sy, 'b.yaml')}: it has changed; no file was changed`,
      },
    )
    assert.deepEqual(files(sy), ['a.yaml a', 'b.yaml b'])
  })

  test('two names of one file', () => {
    const { sy } = tree({ 'a.yaml': 'a' })
    symlinkSync('a.yaml', join(sy, 'b.yaml'))
    assert.throws(() => replaceFiles(replacements(sy), [sy]), /a\.yaml and .*b\.yaml are the same file/)
  })
})

describe('a new file', () => {
  test('that the same scan would not read is told, and told again', () => {
    const { cwd } = tree()
    const args = ['-f', 'sy/web.yaml']
    const told = `new: sy/${NEW}: name it with -f as well, or scan its folder; else the next scan does not read it\n`
    assert.equal(bulkhead(['fix', ...args, ...ISOLATE], { cwd }).stderr, told)
    assert.equal(bulkhead(['fix', ...args, ...ISOLATE, '-o', 'yaml'], { cwd }).stderr, '')
    const made = bulkhead(['fix', ...args, ...ISOLATE, '--in-place'], { cwd })
    assert.deepEqual([made.status, made.stderr], [0, `changed sy/${NEW}\n${told}`])
    const there = `sy/${NEW} is there already and was not read; name it with -f as well, or scan its folder\n`
    assert.equal(bulkhead(['fix', ...args, ...ISOLATE], { cwd }).stderr, there)
    const again = bulkhead(['fix', ...args, ...ISOLATE, '--in-place'], { cwd })
    assert.equal(again.status, 2)
    assert.ok(again.stderr.endsWith(there), again.stderr)
    const risk = (...names: string[]): number =>
      scanned([...names.flatMap((name) => ['-f', name]), '--no-plan'], { cwd }).risk.total
    assert.equal(risk('sy/web.yaml', `sy/${NEW}`), risk('sy'))
  })

  test('that a kustomization does not list is told', () => {
    for (const name of ['kustomization.yaml', 'kustomization.yml', 'Kustomization']) {
      const { cwd } = tree({ 'web.yaml': pod('web'), [name]: 'resources: [web.yaml]\n' })
      const { stderr } = bulkhead(['fix', '-f', 'sy', ...ISOLATE], { cwd })
      assert.equal(stderr, `new: sy/${NEW}: sy/${name} does not list it: add it to its resources\n`)
    }
  })
})

test('-q says nothing', () => {
  const { cwd } = tree({
    'web.yaml': pod('web'),
    'kustomization.yaml': 'resources: [web.yaml]\n',
    'harmless.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
  })
  for (const args of [
    ['sy', ...FIX, '-w', 'out'],
    ['sy/web.yaml', ...ISOLATE, ...FIX, '--in-place'],
    ['sy/harmless.yaml'],
  ]) {
    const { status, stderr, stdout } = bulkhead(['fix', '-q', '-f', ...args], { cwd })
    assert.deepEqual([status, stderr, stdout], [0, '', ''], args.join(' '))
  }
})

test('-w into a place where no folder can be made ends', {
  skip: existsSync('/proc') ? false : 'no /proc here',
}, () => {
  const { cwd } = tree()
  const { status, stderr } = bulkhead(['fix', '-f', 'sy', ...FIX, '-w', '/proc/x/y'], { cwd })
  assert.equal(status, 2)
  assert.match(stderr, /cannot write/)
})

test('a file that begins with a byte order mark and a separator', () => {
  const { cwd, sy } = tree({ 'web.yaml': `\ufeff---\n${pod('web')}` })
  const { status, stderr } = bulkhead(['fix', '-f', 'sy', ...FIX, '--in-place'], { cwd })
  assert.equal(status, 0, stderr)
  const text = readFileSync(join(sy, 'web.yaml'), 'utf8')
  assert.ok(text.startsWith('\ufeff---\napiVersion') && unprivileged(text), text)
})
