import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LimitKey } from '../limit.ts'
import { app, ingress, ingressNginx, statesOf } from '../routes/testing.ts'
import { countedBy } from './counted-by.ts'

const RPS = 'nginx.ingress.kubernetes.io/limit-rps: "10"'
const by = (variable: string, service?: string): readonly string[] =>
  statesOf(ingressNginx(`limit-conn-zone-variable: "${variable}"`, service) + ingress(RPS) + app('web'))

test('R2: what clients write themselves counts nobody', () => {
  for (const variable of ['$http_x_forwarded_for', '$http_x_real_ip', '$request_uri', '$binary_remote_addr$uri'])
    assert.deepEqual(by(variable), ['requests bypassable R2'], variable)
  assert.deepEqual(by('$server_name'), ['requests effective'])
})

test('a header that a CDN overwrites is none of theirs, where only its edges are let in', () => {
  const closed = 'externalTrafficPolicy: Local, loadBalancerSourceRanges: [173.245.48.0/20]'
  assert.deepEqual(by('$http_cf_connecting_ip', closed), ['requests effective'])
  assert.deepEqual(by('$http_cf_connecting_ip'), ['requests bypassable R2'])
})

test('a key in which the address is only a part is lost with the address', () => {
  assert.deepEqual(by('$binary_remote_addr$server_name', 'externalTrafficPolicy: Cluster'), ['requests bypassable R1'])
})

describe('a key is counted by', () => {
  const key = (text: string): LimitKey => ({ kind: 'expression', text })
  for (const [of, address, chosen] of [
    [{ kind: 'client-address' }, true, 0],
    [{ kind: 'everyone' }, false, 0],
    [{ kind: 'header', name: 'X-Api-Key' }, false, 1],
    [{ kind: 'identity', of: 'consumer, else client address' }, true, 0],
    [{ kind: 'identity', of: 'mTLS identity' }, false, 0],
    [key('$' + '{binary_remote_addr}$request_uri'), true, 1],
    [key('$server_name'), false, 0],
    [key('$request_method'), false, 0],
    [key('client address and header X-User'), true, 1],
    [key('query parameter q'), false, 1],
    [key('descriptor remote_address, path'), true, 1],
    [key('descriptor generic_key'), false, 0],
    [key('connection'), false, 1],
    [key('backend pod'), false, 0],
  ] as const)
    test(JSON.stringify(of), () => {
      const counted = countedBy(of)
      assert.deepEqual([counted.address, counted.chosen.length], [address, chosen])
    })
})
