import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../../cluster/testing.ts'
import { cappedDemand } from './demand.ts'
import { toNumber } from './extent.ts'
import { loadsOf } from './loads.ts'
import { nodesFor } from './node-plan.ts'

let seed = 11
const random = (most: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor(seed / 65_536) % most
}

const pods = (index: number, replicas: number, cpu: number, memory: number): string => `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s${index}, namespace: shop}
spec:
  replicas: ${replicas}
  template: {metadata: {labels: {app: s${index}}}, spec: {containers: [{name: c, image: i, resources: {requests: {cpu: ${cpu}m, memory: ${memory}Mi}}}]}}
`

test('demand under quotas: never less than any mix of pods that they admit', () => {
  for (let round = 0; round < 40; round++) {
    const sets = [0, 1, 2].map((index) => ({
      index,
      replicas: random(6),
      cpu: 100 + 100 * random(9),
      memory: 64 * (1 + random(9)),
    }))
    const hard = { pods: 1 + random(9), cpu: 200 + 100 * random(30), memory: 128 + 64 * random(30) }
    const text = `${sets.map(({ index, replicas, cpu, memory }) => pods(index, replicas, cpu, memory)).join('')}---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop}
spec: {hard: {pods: "${hard.pods}", requests.cpu: ${hard.cpu}m, requests.memory: ${hard.memory}Mi}}
`
    const loads = loadsOf(clusterOf(text))
    const best = { cpu: 0, memory: 0 }
    const [a, b, c] = sets as unknown as readonly [(typeof sets)[0], (typeof sets)[0], (typeof sets)[0]]
    for (let i = 0; i <= a.replicas; i++)
      for (let j = 0; j <= b.replicas; j++)
        for (let k = 0; k <= c.replicas; k++) {
          const cpu = i * a.cpu + j * b.cpu + k * c.cpu
          const memory = i * a.memory + j * b.memory + k * c.memory
          if (i + j + k > hard.pods || cpu > hard.cpu || memory > hard.memory) continue
          best.cpu = Math.max(best.cpu, cpu)
          best.memory = Math.max(best.memory, memory)
        }
    const cpu = toNumber(cappedDemand(loads, 'cpu'))
    const memory = toNumber(cappedDemand(loads, 'memory')) / 1000 / 1024 ** 2
    assert.ok(cpu >= best.cpu && cpu <= hard.cpu, `round ${round}: cpu ${cpu} of ${best.cpu}`)
    assert.ok(memory >= best.memory && memory <= hard.memory, `round ${round}: memory ${memory} of ${best.memory}`)
  }
})

test('the bound on nodes is never above what first fit needs', () => {
  for (let round = 0; round < 200; round++) {
    const room = { cpu: 1000 + random(4000), memory: 1000 + random(4000), pods: 3 + random(20) }
    const given = Array.from({ length: random(60) }, () => ({
      cpu: random(room.cpu + 1),
      memory: random(room.memory + 1),
    }))
    const nodes: { cpu: number; memory: number; pods: number }[] = []
    for (const pod of given) {
      let node = nodes.find((each) => each.cpu >= pod.cpu && each.memory >= pod.memory && each.pods > 0)
      if (!node) {
        node = { ...room }
        nodes.push(node)
      }
      node.cpu -= pod.cpu
      node.memory -= pod.memory
      node.pods -= 1
    }
    const sum = (key: 'cpu' | 'memory'): bigint => BigInt(given.reduce((total, pod) => total + pod[key], 0))
    const demand = new Map([
      ['cpu', sum('cpu')],
      ['memory', sum('memory')],
      ['pods', BigInt(given.length)],
    ])
    const needed = nodesFor(demand, new Map(Object.entries(room).map(([name, amount]) => [name, BigInt(amount)])))
    assert.ok(toNumber(needed) <= nodes.length, `round ${round}: ${needed} of ${nodes.length}`)
    assert.ok(given.length === 0 || toNumber(needed) >= 1)
  }
})
