import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../testing.ts'
import { stores } from './stores.ts'

const workload = (
  kind: string,
  name: string,
  container: object,
  spec: object = {},
  pod: object = {},
  metadata: object = {},
) => {
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'vendor/thing', ...container }], ...pod },
  }
  return JSON.stringify({
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name, ...metadata },
    spec: { template, ...spec },
  })
}

const read = (...documents: readonly string[]) => stores(clusterOf(documents.join('\n---\n')))
const whys = (...documents: readonly string[]) => read(...documents).flatMap(({ why }) => why.map(({ text }) => text))

test('claims make a store; volumes that die with the pod do not', () => {
  const mount = { volumeMounts: [{ name: 'v', mountPath: '/v' }] }
  const claim = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }
  const [store] = read(workload('Deployment', 'a', mount, {}, claim))
  assert.deepEqual([store?.workload, store?.claims], ['Deployment/default/a', ['PersistentVolumeClaim/default/data']])
  assert.deepEqual(whys(workload('Deployment', 'a', {}, {}, claim)), [])
  assert.deepEqual(whys(workload('Deployment', 'a', mount, {}, { volumes: [{ name: 'v', emptyDir: {} }] })), [])
  assert.deepEqual(whys(workload('Deployment', 'a', mount, {}, { volumes: [{ name: 'v', ephemeral: {} }] })), [
    'has a claim v for as long as a pod lives',
  ])
})

test('the claims of templates are those that are seen, else the first', () => {
  const set = workload('StatefulSet', 'db', {}, { volumeClaimTemplates: [{ metadata: { name: 'data' } }] })
  const claim = (name: string) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name } })
  assert.deepEqual(read(set)[0]?.claims, ['PersistentVolumeClaim/default/data-db-0'])
  const ids = ['PersistentVolumeClaim/default/data-db-0', 'PersistentVolumeClaim/default/data-db-1']
  assert.deepEqual(read(set, claim('data-db-0'), claim('data-db-1'), claim('data-dbx-0'))[0]?.claims, ids)
})

test('software that keeps data, and what only talks to it', () => {
  for (const image of [
    'postgres:16',
    'docker.io/bitnami/postgresql-repmgr:1',
    'registry:5000/redis@sha256:aa',
    'mysql/mysql-server',
    'quay.io/minio/minio',
    'rabbitmq:3-management',
  ]) {
    assert.equal(whys(workload('Deployment', 'a', { image })).length, 1, image)
  }
  for (const image of [
    'memcached',
    'prom/postgres-exporter',
    'edoburu/pgbouncer',
    'redis-commander',
    'cloud-sql-proxy',
    'minio/mc',
    'hashicorp/vault-k8s',
    'cloudnative-pg-operator',
    'phpmyadmin',
    'library/nginx',
    'myredisapp',
  ]) {
    assert.deepEqual(whys(workload('Deployment', 'a', { image })), [], image)
  }
  assert.deepEqual(whys(workload('Job', 'dump', { image: 'postgres' })), [])
  assert.deepEqual(whys(workload('Deployment', 'client', { image: 'postgres', command: ['sleep', '3600'] })), [])
  assert.deepEqual(
    whys(workload('Deployment', 'client', { image: 'redis', command: ['sh', '-c', 'while true; do sleep 1; done'] })),
    [],
  )
})

test('a port that names a store, declared by the container or by its Service', () => {
  assert.deepEqual(whys(workload('Deployment', 'a', { ports: [{ containerPort: 5432 }] })), [
    'serves port 5432, as PostgreSQL does',
  ])
  assert.deepEqual(whys(workload('Deployment', 'a', { image: 'haproxy', ports: [{ containerPort: 5432 }] })), [])
  const service =
    '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: a}, ports: [{port: 80, targetPort: 6379}]}}'
  assert.deepEqual(whys(workload('Deployment', 'a', {}), service), [
    'Service s leads to its port 6379, which is that of Redis',
  ])
})

test('custom resources of operators count until what the operator made is seen', () => {
  const resource = '{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: pg, namespace: default}}'
  assert.deepEqual(
    read(resource).map(({ workload: id }) => id),
    ['Cluster.postgresql.cnpg.io/default/pg'],
  )
  const owned = {
    ownerReferences: [{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg', controller: true }],
  }
  const found = read(
    resource,
    workload('StatefulSet', 'pg-1', {}, {}, {}, owned),
    workload('Deployment', 'pg-x', { image: 'pg-exporter' }, {}, {}, owned),
  )
  assert.deepEqual(
    found.map(({ workload: id }) => id),
    ['StatefulSet/default/pg-1'],
  )
})
