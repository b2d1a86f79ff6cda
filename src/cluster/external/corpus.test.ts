import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpus, skipped } from '../application/testing-corpus.ts'
import { dependenciesOf } from './external.ts'
import { stores } from './stores.ts'

const skip = { skip: skipped }

/** Names of the Services that a workload depends on. */
function dependenciesIn(set: string, workload: string): readonly string[] {
  const { services } = dependenciesOf(corpus(set))
  return services.flatMap(({ from, service }) => (from === workload ? [service.split('/').at(-1) as string] : []))
}

test('online-boutique: the map that its authors draw', skip, () => {
  const backends = [
    'adservice',
    'cartservice',
    'checkoutservice',
    'currencyservice',
    'productcatalogservice',
    'recommendationservice',
    'shippingservice',
  ]
  assert.deepEqual(dependenciesIn('online-boutique', 'Deployment/default/frontend'), [
    ...backends,
    'shoppingassistantservice',
  ])
  assert.deepEqual(dependenciesIn('online-boutique', 'Deployment/default/cartservice'), ['redis-cart'])
  assert.equal(dependenciesIn('online-boutique', 'Deployment/default/checkoutservice').length, 6)
  assert.deepEqual(dependenciesIn('online-boutique', 'Deployment/default/adservice'), [])
})

test('bank-of-anthos: databases are reached with the passwords that its ConfigMaps hold', skip, () => {
  const { services, external } = dependenciesOf(corpus('bank-of-anthos'))
  const logins = services.filter(({ service, credential }) => service.endsWith('-db') && credential?.how === 'inline')
  assert.deepEqual(
    new Set(logins.map(({ from }) => from.split('/').at(-1))),
    new Set([
      'accounts-db',
      'balancereader',
      'contacts',
      'ledger-db',
      'ledgerwriter',
      'transactionhistory',
      'userservice',
    ]),
  )
  assert.deepEqual(external, [])
})

test('the lists of external hosts, read in full: no false friend', skip, () => {
  const hosts = (set: string) => dependenciesOf(corpus(set)).external.map(({ host }) => host)
  assert.deepEqual(hosts('gke-samples'), ['oauth2.googleapis.com', 'www.google.com'])
  assert.deepEqual(hosts('online-boutique'), [
    '*.googleapis.com',
    'accounts.google.com',
    'googleapis.com',
    'metadata.google.internal',
  ])
  assert.deepEqual(hosts('istio-bookinfo'), ['www.googleapis.com'])
  for (const set of [
    'argo-cd',
    'rook-ceph',
    'knative-serving',
    'kubernetes-goat',
    'calico',
    'ingress-nginx',
    'badpods',
  ])
    assert.deepEqual(hosts(set), [], set)
  assert.deepEqual(hosts('gitops-billimek'), [
    '1.0.0.1',
    '1.1.1.1',
    '10.0.7.1',
    '10.0.7.49',
    '1password.com',
    '8.8.8.8',
    '9.9.9.9',
    'api.cloudflare.com',
    'cdn.modrinth.com',
    'cloud.drake-eel.ts.net',
    'cnn.com',
    'ghcr.io',
    'github.com',
    'google.com',
    'nas.home',
  ])
})

test('stores: databases by image and port, and what has claims', skip, () => {
  const ids = (set: string) => stores(corpus(set)).map(({ workload }) => workload.split('/').at(-1))
  assert.deepEqual(ids('online-boutique'), ['redis-cart'])
  assert.deepEqual(ids('bank-of-anthos'), ['accounts-db', 'ledger-db'])
  assert.deepEqual(ids('kubernetes-goat'), ['cache-store-deployment'])
  assert.deepEqual(ids('argo-cd'), ['argocd-redis', 'argocd-redis-ha-server'])
  assert.deepEqual(ids('gitops-billimek'), ['postgres'])
})
