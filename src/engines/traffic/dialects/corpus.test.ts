import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildCluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import { readInputs } from '../../../observe/files/read.ts'
import { line, settingsOf } from './dialects.testing.ts'
import { DIALECTS } from './dialects.ts'

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../../shared/corpus', import.meta.url))
const skip = existsSync(root) ? false : `no corpus at ${root} (set BULKHEAD_CORPUS)`

/** All that the corpus says of limits, found by hand (grep) and by every dialect alike. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'gitops-billimek': [
    'envoy-gateway BackendTrafficPolicy.gateway.envoyproxy.io/default/continuwuity: timeout backend 0 -> 504 INERT unlimited',
    'envoy-gateway BackendTrafficPolicy.gateway.envoyproxy.io/kube-system/default: timeout backend 0 -> 504 INERT unlimited',
    'envoy-gateway ClientTrafficPolicy.gateway.envoyproxy.io/kube-system/default: timeout request 0 -> 408 INERT unlimited',
  ],
  'gke-networking-recipes': [
    'gke BackendConfig.cloud.google.com/default/cloudarmor-test: requests unknown by Cloud Armor policy $POLICY_NAME outside UNKNOWN the rules of the Cloud Armor policy',
    'gke BackendConfig.cloud.google.com/default/custom-backendconfig: timeout backend 120 -> 504 outside',
    'gke BackendConfig.cloud.google.com/default/ingressgateway-default: timeout backend 120 -> 504 outside',
    'gke GCPBackendPolicy.networking.gke.io/default/store-autoscale: requests unknown 10/1s by endpoint outside INERT unused-by-engine',
  ],
  'ingress-nginx': [
    'ingress-nginx Ingress/docker-registry/docker-registry: body 0 -> 413 INERT unlimited',
    'ingress-nginx Ingress/docker-registry/docker-registry: timeout backend 600 -> 504',
    'traefik Ingress/docker-registry/docker-registry: body 0 -> 413 INERT unused-by-engine',
  ],
  'istio-bookinfo': [
    'istio EnvoyFilter.networking.istio.io/istio-system/filter-local-ratelimit-svc: requests token-bucket 10/60s +9 by all clients -> 429 only header_match is productpage',
    'istio EnvoyFilter.networking.istio.io/istio-system/filter-local-ratelimit-svc: requests token-bucket 100/60s +99 by all clients -> 429',
    'istio EnvoyFilter.networking.istio.io/istio-system/filter-ratelimit: requests unknown by rate limit service, domain "productpage-ratelimit" global UNKNOWN the limits of the rate limit service',
  ],
  'online-boutique': [
    'gke BackendConfig.cloud.google.com/default/frontend-backend-config: requests unknown by Cloud Armor policy online-boutique-security-policy outside UNKNOWN the rules of the Cloud Armor policy',
  ],
}

describe('limits of the corpus', { skip }, () => {
  const sets = skip
    ? []
    : readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
  for (const set of sets) {
    test(`${set}: ${FOUND[set]?.length ?? 0} limits, each with its field`, async () => {
      const { objects } = await readInputs([join(root, set)], { recursive: true })
      const cluster = buildCluster({ objects })
      const found = DIALECTS.flatMap((dialect) =>
        cluster.objects.flatMap((object) =>
          dialect.read(object, settingsOf(), cluster).map((limit) => {
            assert.notEqual(at(object.body, ...(limit.because[0]?.path ?? ['none'])), undefined, object.id)
            return `${dialect.product} ${object.id}: ${line(limit)}`
          }),
        ),
      )
      assert.deepEqual(found.sort(), FOUND[set] ?? [])
    })
  }
})
