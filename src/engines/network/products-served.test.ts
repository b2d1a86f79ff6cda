import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../cluster/testing.ts'
import { networkModel } from './model.ts'
import { formatPorts } from './ports.ts'
import { products } from './products.ts'

const pod = (name: string, port: number): string => `
kind: Pod
apiVersion: v1
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: c, ports: [{name: web, containerPort: ${port}}]}]}`
const toWeb = `
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: p}
spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]}`

function portsFromA(...texts: readonly string[]): readonly string[] {
  const model = networkModel(clusterOf(texts.join('\n---\n')))
  const index = model.members.findIndex(({ id }) => id === 'Pod/default/a')
  return products(model)
    .all.filter(({ from }) => model.sets.has(from, index))
    .flatMap(({ to, ports }) =>
      model.sets.members(to).map((member) => `${model.members[member]?.id.split('/')[2]} ${formatPorts(ports)}`),
    )
    .filter((each) => !each.startsWith('a '))
    .sort()
}

test("a named port is each receiver's own number", () => {
  assert.deepEqual(portsFromA(pod('a', 1), pod('b', 8080), pod('c', 9090), toWeb), ['b TCP 8080', 'c TCP 9090'])
  assert.deepEqual(portsFromA(pod('a', 1), pod('b', 8080), pod('c', 8080), toWeb), ['b TCP 8080', 'c TCP 8080'])
})

test('receivers of very many numbers are not told apart, and none is lost', () => {
  const many = Array.from({ length: 70 }, (_, at) => pod(`b${at}`, 1000 + at))
  const found = portsFromA(pod('a', 1), ...many, toWeb)
  assert.equal(found.length, 70)
  assert.ok(found.every((each, at) => at === 0 || each.endsWith((found[0] as string).slice(2))))
})
