import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waysIn } from './testing.ts'

const pod = `
kind: Pod
apiVersion: v1
metadata: {name: a, labels: {app: a}}
spec: {containers: [{name: c, image: c}]}`
const balanced = (spec: string, ports = '[{port: 80}]', annotations = ''): string => `
kind: Service
apiVersion: v1
metadata: {name: s, annotations: {${annotations}}}
spec: {type: LoadBalancer, selector: {app: a}, ports: ${ports}, ${spec}}`
const INTERNAL = 'service.beta.kubernetes.io/aws-load-balancer-internal: "true"'
const BY_NODE_PORT = ['exposed-node-port a TCP 80 unknown']

test('a load balancer that is not on the internet has node ports all the same', () => {
  assert.deepEqual(waysIn(pod, balanced('', '[{port: 80}]', INTERNAL)), BY_NODE_PORT)
  assert.deepEqual(waysIn(pod, balanced('loadBalancerSourceRanges: [10.0.0.0/8]')), BY_NODE_PORT)
})

test('unless it asks for none', () => {
  const none = 'allocateLoadBalancerNodePorts: false'
  assert.deepEqual(waysIn(pod, balanced(none, '[{port: 80}]', INTERNAL)), [])
  const one = '[{name: a, port: 80, nodePort: 30080}, {name: b, port: 81}]'
  assert.deepEqual(waysIn(pod, balanced(none, one, INTERNAL)), BY_NODE_PORT)
})

test('node ports add nothing where the load balancer leads, and are not held to its source ranges', () => {
  assert.deepEqual(waysIn(pod, balanced('')), ['exposed-load-balancer a TCP 80 yes'])
  const policy = `
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {name: p}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}]}`
  assert.deepEqual(waysIn(pod, policy, balanced('loadBalancerSourceRanges: [203.0.113.0/24]')), BY_NODE_PORT)
  assert.deepEqual(waysIn(pod, policy.replace('198.51.100.0/24', '10.0.0.0/30'), balanced('')), [
    'exposed-load-balancer a TCP 80 unknown',
  ])
})
