import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCluster } from '../../cluster/cluster.ts'
import type { Json, JsonObject } from '../../cluster/json.ts'
import { objectsOf } from '../../cluster/testing.ts'
import type { End } from '../record.ts'
import { Ends } from './ends.ts'
import { decodeHubble } from './hubble.ts'

const CLUSTER = buildCluster({
  objects: objectsOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}
`),
})

function source(reserved: string, pod: JsonObject): End | undefined {
  const value: Json = {
    flow: {
      time: '2026-05-01T10:00:00Z',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 80 } },
      source: { identity: 1, labels: [`reserved:${reserved}`] },
      destination: { namespace: 'shop', pod_name: 'web-6b746f74dc-x2x7k', labels: ['k8s:app=web'], ...pod },
      is_reply: false,
      node_name: 'prod/worker-1',
    },
  }
  const made = decodeHubble(value, JSON.stringify(value), { file: 'f', line: 1 }, new Ends(CLUSTER))
  return made?.kind === 'connection' ? made.connection.source : undefined
}

test('the host that reports a pod which has an endpoint there is the node of the pod', () => {
  const node = { kind: 'node', name: 'worker-1' }
  assert.deepEqual(source('host', { ID: 812 }), { ...node, own: true })
  assert.deepEqual(source('host', {}), node)
  assert.deepEqual(source('host', { ID: 0 }), node)
  assert.deepEqual(source('host', { ID: 812, pod_name: '' }), node)
  assert.deepEqual(source('remote-node', { ID: 812 }), { kind: 'node', name: '' })
})
