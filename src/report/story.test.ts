import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INTERNET } from '../engines/engine.ts'
import { analyseText } from '../loop.testing.ts'
import { pathsFrom } from '../radius/paths.ts'
import { edgesOf, type ToldStep, told } from './story.ts'

const pods = `
kind: Pod
apiVersion: v1
metadata: {name: a, labels: {app: a}}
spec: {containers: [{name: c, image: c}]}
---
kind: Pod
apiVersion: v1
metadata: {name: b, labels: {app: b}}
spec: {containers: [{name: c, image: c, ports: [{containerPort: 8080, name: web}]}]}
---
kind: Service
apiVersion: v1
metadata: {name: b}
spec: {type: LoadBalancer, selector: {app: b}, ports: [{port: 80, targetPort: web}]}
---
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: p}
spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]}`

function steps(from: string, to: string): readonly ToldStep[] {
  const { analysis } = analyseText(pods)
  const at = (id: string): number => analysis.graph.indexOf(id) as number
  return told(edgesOf(analysis, pathsFrom(analysis.graph, at(from)).to(at(to))), analysis)
}

test('a connection is told with its port, and each reason once', () => {
  const [step] = steps('Pod/default/a', 'Pod/default/b')
  assert.equal(step?.ports, 'TCP 8080')
  assert.deepEqual(
    step?.because.map(({ text }) => text),
    ['lets it out', 'no policy isolates its ingress'],
  )
  assert.equal(steps('Pod/default/b', 'Pod/default/a')[0]?.ports, 'all ports')
})

test('a way in from outside is told with its port', () => {
  assert.equal(steps(INTERNET, 'Pod/default/b')[0]?.ports, 'TCP 8080')
})
