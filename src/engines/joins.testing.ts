import assert from 'node:assert/strict'
import type { ClusterInput } from '../cluster/cluster.ts'
import { clusterOf } from '../cluster/testing.ts'
import type { Join, Verdict } from './check.ts'

type Options = Pick<ClusterInput, 'listed' | 'version'>

/** For tests: what a join says of the objects of YAML text. */
export function verdictsOf(join: Join, text: string, options: Options = {}): readonly Verdict[] {
  const cluster = clusterOf(text, options)
  return [...join.verdicts(cluster)]
}

/** For tests: one line for each object, `Kind name: result message`, where the message is wanted as a part of it. */
export function says(join: Join, text: string, lines: readonly string[], options: Options = {}): void {
  const verdicts = verdictsOf(join, text, options)
  const found = verdicts.map(({ object, result, message }) => `${object.kind} ${object.name}: ${result} ${message}`)
  assert.equal(found.length, lines.length, found.join('\n'))
  for (const [index, line] of lines.entries()) {
    const [head = '', ...parts] = line.split(' … ')
    assert.ok(found[index]?.startsWith(head), `${found[index]}\nis not\n${line}`)
    for (const part of parts) assert.ok(found[index]?.includes(part), `${found[index]}\nhas no\n${part}`)
  }
  for (const { check, object, result, message, because, at } of verdicts) {
    assert.equal(check, join.check)
    assert.equal(message === '', result === 'pass', `${object.id}: ${result} ${message}`)
    assert.ok(!message.includes('\n'))
    if (result === 'pass') assert.deepEqual([because.length, at.length], [0, 0])
    else assert.ok(because.length > 0 || result === 'unknown', `${object.id} has no reason`)
    if (result === 'fail') assert.ok(at.length > 0, `${object.id} has no place`)
  }
}

/** For tests: a workload of one container; `pod`: more of its pod spec, `spec`: more of its own. */
export function workload(
  name: string,
  { kind = 'Deployment', labels = `app: ${name}`, pod = '', spec = '', namespace = 'default' }: Partial<Shape> = {},
): string {
  const template = `metadata: {labels: {${labels}}}, spec: {containers: [{name: main, image: x}]${pod}}`
  if (kind === 'Pod')
    return `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}
spec: {containers: [{name: main, image: x}]${pod}}
`
  const [version, holder] = kind === 'Rollout' ? ['argoproj.io/v1alpha1', kind] : ['apps/v1', kind]
  return `---
apiVersion: ${version}
kind: ${holder}
metadata: {name: ${name}, namespace: ${namespace}}
spec: {template: {${template}}${spec}}
`
}

interface Shape {
  readonly kind: string
  readonly labels: string
  /** Begins with a comma: `, hostNetwork: true`. */
  readonly pod: string
  readonly spec: string
  readonly namespace: string
}

/** For tests: any object; `fields` is what follows its metadata. */
export function made(apiVersion: string, kind: string, name: string, fields = '', namespace = 'default'): string {
  return `---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: "${name}", namespace: ${namespace}}
${fields}
`
}
