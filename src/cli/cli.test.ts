import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import type { Report } from '../report/report.ts'
import { closed } from './cli.testing.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url))

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true
  containers: [{name: web, image: nginx, securityContext: {privileged: true}, ports: [{containerPort: 80, hostPort: 80}]}]
`

let folder: string
let pod: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-cli-'))
  pod = write('pod.yaml', POD)
})
after(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function bulkhead(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Ran {
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 ** 2,
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
  })
}

const scanned = (args: readonly string[]): Report =>
  JSON.parse(bulkhead(['scan', '-o', 'json', ...args]).stdout) as Report

describe('exit codes', () => {
  test('0: all was read, whatever was found', () => assert.equal(bulkhead(['scan', '-f', pod]).status, 0))
  test('1: a finding as grave as --fail-on', () => {
    assert.equal(bulkhead(['scan', '-f', pod, '--fail-on', 'high']).status, 1)
    const harmless = write('harmless.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n')
    assert.equal(bulkhead(['scan', '-f', harmless, '--fail-on', 'low']).status, 0)
  })
  test('2: what the caller got wrong, told in one line', () => {
    for (const args of [
      ['scan'],
      ['scan', '-f', pod, '-o', 'pdf'],
      ['scan', '-f', pod, '--no-such-flag'],
      ['scan', '-f', pod, '--fail-on', 'bad'],
      ['scan', '-f', pod, '--kubernetes-version', 'new'],
      ['scan', '-f', pod, '--weights', join(folder, 'nowhere.yaml')],
      ['scan', '-f', pod, '-o', 'json', '-o', 'yaml'],
      ['scan', '-f', pod, '-o', `json=${folder}/no/such/folder.json`],
      ['radius', 'nobody', '-f', pod],
      ['path', 'web', 'nothing', '-f', pod],
      ['no-such-command'],
    ]) {
      const { status, stdout, stderr } = bulkhead(args)
      assert.equal(status, 2, args.join(' '))
      assert.equal(stdout, '')
      assert.ok(stderr !== '' && !stderr.includes('    at '), stderr)
    }
  })
  test('3: something named could not be read; the rest is reported, and --allow-partial makes it 0', () => {
    const bad = write('bad.yaml', `${POD}---\na: [\n`)
    const { status, stdout, stderr } = bulkhead(['scan', '-f', bad, '-o', 'json'])
    assert.equal(status, 3)
    assert.match(stderr, /bad\.yaml:9:1: .*\[BH_YAML\]/)
    const report = JSON.parse(stdout) as Report
    assert.equal(report.inputs.objects, 1)
    assert.equal(report.inputs.unreadable[0]?.line, 9)
    assert.equal(bulkhead(['scan', '-f', bad, '--allow-partial']).status, 0)
    assert.equal(bulkhead(['scan', '-f', bad, '--fail-on', 'high']).status, 3)
    assert.equal(bulkhead(['scan', '-f', bad, '--fail-on', 'high', '--allow-partial']).status, 1)
    assert.equal(bulkhead(['scan', '-f', join(folder, 'nowhere')]).status, 3)
  })
  test('help and version are answers, not errors', () => {
    assert.equal(bulkhead(['--version']).status, 0)
    for (const command of [[], ['scan'], ['apps'], ['radius'], ['path'], ['graph']]) {
      const { status, stdout, stderr } = bulkhead([...command, '--help'])
      assert.equal(status, 0)
      assert.equal(stderr, '')
      assert.match(stdout, /^Usage: /)
    }
  })
})

describe('inputs', () => {
  test('standard input; -n places what names no namespace', () => {
    const { stdout } = bulkhead(['graph', '-f', '-', '-n', 'shop'], { input: POD })
    assert.ok((JSON.parse(stdout) as { nodes: { id: string }[] }).nodes.some(({ id }) => id === 'Pod/shop/web'))
  })
  test('the version: the flag, else what the input says, else the default', () => {
    const node = (name: string, version: string): string =>
      `---\napiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nstatus: {nodeInfo: {kubeletVersion: ${version}}}\n`
    const nodes = write('nodes.yaml', POD + node('a', 'v1.29.3') + node('b', 'v1.31.0-eks-1'))
    assert.deepEqual(scanned(['-f', pod]).kubernetes.from, 'default')
    const found = scanned(['-f', nodes]).kubernetes
    assert.deepEqual([found.version, found.from], ['1.31', 'node'])
    const given = scanned(['-f', nodes, '--kubernetes-version', 'v1.28']).kubernetes
    assert.deepEqual([given.version, given.from], ['1.28', 'flag'])
    write('dump/nodes.yaml', node('a', 'v1.29.3'))
    write('dump/version.json', '{"major":"1","minor":"30","gitVersion":"v1.30.2"}')
    const server = scanned(['-f', join(folder, 'dump')]).kubernetes
    assert.deepEqual([server.version, server.from], ['1.30', 'server'])
  })
  test('the same object twice: the last counts, both places are told', () => {
    const twice = write('twice.yaml', `${POD.replace('hostPID: true', 'hostPID: false')}---\n${POD}`)
    const report = scanned(['-f', twice])
    const found = report.findings.find((finding) => finding.check === 'duplicate-object')
    assert.ok(found)
    assert.deepEqual(found.because.map((each) => each.line).sort(), [1, 8].sort())
    assert.equal(report.inputs.objects, 2)
    assert.equal(report.inputs.workloads, 1)
  })
  test('owners that own each other end, and are a finding', () => {
    const owned = (name: string, owner: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, uid: ${name}, ownerReferences: [{apiVersion: v1, kind: Pod, name: ${owner}, uid: ${owner}, controller: true}]}\nspec: {containers: [{name: a, image: a}]}\n---\n`
    const cycle = write('cycle.yaml', owned('a', 'b') + owned('b', 'c') + owned('c', 'a') + owned('d', 'd') + POD)
    const report = scanned(['-f', cycle])
    assert.ok(report.findings.some((finding) => finding.check === 'owner-cycle'))
    assert.ok(report.entries.some((entry) => entry.id === 'Pod/default/web'))
  })
  test('keys that mean something to JavaScript are keys', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const text = names
      .map(
        (name) =>
          `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name.toLowerCase()}, labels: {${name}: a}}\n${name}: {polluted: yes}\ndata: {${name}: a}\n`,
      )
      .join('---\n')
    const report = scanned(['-f', write('proto.yaml', `${text}---\n${POD}`)])
    assert.equal(report.inputs.objects, 5)
    assert.deepEqual(report.inputs.unreadable, [])
  })
})

describe('settings', () => {
  test('equal weights, and weights of a file', () => {
    assert.equal(scanned(['-f', pod, '--weights', 'equal']).weights.assets.controlPlane, 1)
    const file = write('settings/weights.yaml', 'assets: {controlPlane: 40}\n')
    const { weights } = scanned(['-f', pod, '--weights', file])
    assert.equal(weights.assets.controlPlane, 40)
    assert.equal(weights.assets.nodePool, 10)
    const wrong = write('settings/wrong.yaml', 'assets: {planes: 40}\n')
    assert.match(bulkhead(['scan', '-f', pod, '--weights', wrong]).stderr, /assets\.planes is not one of/)
  })
  test('what is scanned configures nothing, unless it is trusted', () => {
    const file = write('tree/weights.yaml', 'assets: {controlPlane: 0}\n')
    write('tree/pod.yaml', POD)
    const tree = join(folder, 'tree')
    const refused = bulkhead(['scan', '-f', tree, '--weights', file])
    assert.equal(refused.status, 2)
    assert.match(refused.stderr, /--trust-tree/)
    assert.equal(scanned(['-f', tree, '--weights', file, '--trust-tree']).weights.assets.controlPlane, 0)
  })
  test('what cannot be written is an error, however short', {
    skip: !existsSync('/dev/full') && 'no /dev/full',
  }, () => {
    for (const format of ['json', 'md', 'table', 'html'])
      assert.equal(bulkhead(['scan', '-f', pod, '-q', '-o', `${format}=/dev/full`]).status, 2, format)
  })
  test('usage that is wrong says what to do', () => {
    assert.match(bulkhead(['scan', shop]).stderr, /-f FOLDER -R/)
    for (const args of [
      ['-f', ''],
      ['-f', pod, '-o', 'json='],
      ['-f', pod, '-n', 'a/b'],
    ])
      assert.equal(bulkhead(['scan', ...args]).status, 2, args.join(' '))
  })
  test('a slip in the configuration is told, not passed over', () => {
    const { status, stderr } = bulkhead(['apps', '-f', pod, '--config', write('slip.yaml', 'aplications: {}\n')])
    assert.equal(status, 2)
    assert.match(stderr, /"aplications" is not one of applications/)
  })
})

describe('outputs', () => {
  test('several at once, each to its file; standard output stays for one', () => {
    const file = (name: string): string => join(folder, name)
    const { status, stdout } = bulkhead([
      'scan',
      '-R',
      '-f',
      shop,
      '-o',
      'table',
      '-o',
      `json=${file('r.json')}`,
      '-o',
      `md=${file('r.md')}`,
    ])
    assert.equal(status, 0)
    assert.match(stdout, /controls 35 of 35 assets/)
    assert.equal((JSON.parse(readFileSync(file('r.json'), 'utf8')) as Report).kind, 'Report')
    assert.match(readFileSync(file('r.md'), 'utf8'), /^# Bulkhead\n/)
    bulkhead(['apps', '-R', '-f', shop, '-o', 'name', '--output-file', file('apps.txt')])
    assert.match(readFileSync(file('apps.txt'), 'utf8'), /^Application\//m)
  })
  test('the yaml says what the json says', () => {
    const yaml = parseYaml(bulkhead(['scan', '-R', '-f', shop, '-o', 'yaml']).stdout)
    assert.ok(!yaml.problem)
    assert.deepEqual(yaml.value, JSON.parse(bulkhead(['scan', '-R', '-f', shop, '-o', 'json']).stdout))
  })
  test('equal input, equal output, in whatever order and folder it comes', () => {
    const one = write('one/all.yaml', `${POD}---\n${POD.replace('name: web', 'name: other')}`)
    const two = write('two/all.yaml', `${POD.replace('name: web', 'name: other')}---\n${POD}`)
    const ids = (file: string): unknown =>
      (JSON.parse(bulkhead(['graph', '-f', file]).stdout) as { edges: { id: string }[] }).edges.map(({ id }) => id)
    assert.deepEqual(ids(one), ids(two))
    assert.equal(
      bulkhead(['scan', '-R', '-f', shop, '-o', 'json']).stdout,
      bulkhead(['scan', '-R', '-f', shop, '-o', 'json']).stdout,
    )
  })
  test('no colour and no progress without a terminal; colour can be had and refused', () => {
    const { stdout, stderr } = bulkhead(['scan', '-R', '-f', shop])
    assert.ok(!stdout.includes('\u001b') && stderr === '')
    assert.ok(
      !bulkhead(['scan', '-R', '-f', shop], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).stdout.includes('\u001b'),
    )
  })
  test('a reader that goes away ends the writing quietly', async () => {
    const child = spawn(process.execPath, [main, 'graph', '-R', '-f', shop], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.once('data', () => child.stdout.destroy())
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 0)
    assert.equal(stderr, '')
  })
})

describe('names that an attacker chose', () => {
  const EVIL =
    '\\e]0;owned\\a\\e[31m\\u202eevil\\u009b2J</script><img src=x onerror=alert(1)>|[a](javascript:b)`=\\"-->'
  const hostile = `apiVersion: v1
kind: Pod
metadata:
  name: "${EVIL}"
  namespace: "${EVIL}"
  labels: {app.kubernetes.io/part-of: "${EVIL}"}
spec:
  hostPID: true
  serviceAccountName: "${EVIL}"
  containers:
  - {name: "${EVIL}", image: a, securityContext: {privileged: true}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "${EVIL}"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: "${EVIL}"}]
`
  const ACTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

  test('reach no terminal, in any format', () => {
    const file = write('evil.yaml', hostile)
    for (const args of [
      ...['table', 'wide', 'json', 'yaml', 'md'].map((format) => ['scan', '-o', format]),
      ...['table', 'json', 'yaml', 'name'].map((format) => ['apps', '-o', format]),
      ...['table', 'json'].map((format) => ['radius', '-o', format]),
      ...['json', 'dot'].map((format) => ['graph', '-o', format]),
    ]) {
      const { status, stdout, stderr } = bulkhead([...args, '-f', file])
      assert.equal(status, 0, stderr)
      assert.match(stdout, /]0;ow/, args.join(' '))
      assert.equal(ACTIVE.exec(stdout + stderr), null, args.join(' '))
    }
    const wrong = write('\u001b[31mevil.yaml', 'a: [\n')
    assert.ok(!ACTIVE.test(bulkhead(['scan', '-f', wrong]).stderr))
    const lost = bulkhead(['radius', '\u001b[31mevil', '-f', file])
    assert.ok(lost.status === 2 && !ACTIVE.test(lost.stderr))
  })

  test('make no markup in Markdown, and no end of a string in Graphviz', () => {
    const file = write('evil.yaml', hostile)
    const whole = bulkhead(['scan', '-f', file, '-o', 'md']).stdout
    const markdown = whole.replaceAll(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, '')
    assert.ok(!/[^\\]<(?!br>)|[^\\]\[a|[^\\]`/.test(markdown))
    for (const row of markdown.split('\n').filter((line) => line.startsWith('| ') && line.includes('evil')))
      assert.ok([4, 5, 6, 7].includes(row.split(/(?<!\\)\|/).length - 2), row)
    const dot = bulkhead(['graph', '-f', file, '-o', 'dot']).stdout
    for (const line of dot.split('\n')) assert.match(line.replace(/"(\\.|[^"\\])*"/g, 'S'), /^[^"]*$/)
  })

  test('end no script in the page', () => {
    const page = bulkhead(['scan', '-f', write('evil.yaml', hostile), '-o', 'html']).stdout
    const data = /<script type="application\/gzip" id="report">([A-Za-z0-9+/=]*)<\/script>/.exec(page)?.[1]
    assert.ok(data !== undefined)
    const report = JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()) as Report
    assert.ok(report.entries.some(({ id }) => id.includes('</script>')))
    assert.ok(!page.includes('alert(1)'))
  })
})

test('no value of a secret is printed, wherever it stands', () => {
  const file = write(
    'secrets.yaml',
    `apiVersion: v1
kind: Secret
metadata: {name: s, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"a":"sesame"}}'}}
stringData: {a: sesame, url: "postgres://u:sesame@db.example.com/x"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {url: "postgres://u:sesame@db2.example.com/x", password: sesame, token: sesame}
---
apiVersion: v1
kind: Pod
metadata: {name: p, annotations: {password: sesame}}
spec:
  containers:
  - name: a
    image: a
    command: [run, --password=sesame, "https://u:sesame@api.example.com/?token=sesame"]
    args: [--dsn, "user:sesame@tcp(mysql.example.com:3306)/x"]
    env:
    - {name: PASSWORD, value: sesame}
    - {name: DATABASE_URL, value: "postgres://u:sesame@db3.example.com/x"}
    - {name: URL, valueFrom: {secretKeyRef: {name: s, key: url}}}
    envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]
`,
  )
  for (const args of [
    ...['wide', 'json', 'yaml', 'md'].map((format) => ['scan', '-o', format]),
    ['scan', '-o', 'json', '--graph'],
    ['apps', '-o', 'json'],
    ['radius', '-o', 'json'],
    ['graph', '-o', 'json'],
    ['graph', '-o', 'dot'],
  ]) {
    const { stdout, stderr } = bulkhead([...args, '-f', file])
    assert.ok(!`${stdout}${stderr}`.includes('sesame'), args.join(' '))
  }
  const externals = scanned(['-f', file]).assets.filter((asset) => asset.kind === 'external')
  assert.ok(externals.length > 0, 'the hosts themselves are told')
})

test('the published schema describes every document, and nothing in them is left out of it', async () => {
  const { default: Ajv } = await import('ajv/dist/2020.js')
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/reference/v1alpha1.schema.json', import.meta.url), 'utf8'),
  ) as Json
  const validate = new Ajv.Ajv2020({ strict: false, allErrors: true }).compile(closed(schema) as object)
  const first = scanned(['-R', '-f', shop]).entries[0]?.id as string
  for (const args of [
    ['scan', '-o', 'json'],
    ['scan', '-o', 'json', '--graph', '--weights', 'equal'],
    ['apps', '-o', 'json'],
    ['radius', '-o', 'json'],
    ['path', first, 'controlPlane//control-plane', '-o', 'json'],
    ['graph'],
  ]) {
    for (const input of [shop, pod, write('broken.yaml', `${POD}---\na: [`)]) {
      if (args[0] === 'path' && input !== shop) continue
      const { stdout, stderr } = bulkhead([...args, '-R', '-f', input])
      const isGood = validate(JSON.parse(stdout))
      const errors = validate.errors?.filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'const')
      assert.ok(isGood, `${args.join(' ')} ${input}: ${stderr} ${JSON.stringify(errors?.slice(0, 5))}`)
    }
  }
})
