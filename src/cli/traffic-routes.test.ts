import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, ingress, ingressNginx } from '../engines/traffic/routes/testing.ts'
import { bulkhead, testFolder } from './cli.testing.ts'

const folder = testFolder()
const RPS = 'nginx.ingress.kubernetes.io/limit-rps: "10"'
const file = folder.write('edge.yaml', ingressNginx('use-forwarded-headers: "true"') + ingress(RPS) + app('web'))

interface Document {
  readonly kind: string
  readonly summary: { readonly states: Readonly<Record<string, number>> }
  readonly items: readonly {
    readonly route: string
    readonly target: string
    readonly limits: readonly {
      readonly kind: string
      readonly rate?: number
      readonly state: string
      readonly rule?: string
      readonly because: readonly { readonly line?: number }[]
    }[]
  }[]
}

describe('traffic routes', () => {
  test('tells for a person what does not work, and why', () => {
    const { status, stdout } = bulkhead(['traffic', 'routes', '-f', file])
    assert.equal(status, 0)
    assert.match(stdout, /^One route from outside: 1 with one that can be bypassed\./)
    assert.match(stdout, /bypassable {2}10 requests a second, 50 more at once, by client address/)
    assert.match(stdout, /R2 clients choose their address/)
  })

  test('for a program with the place of each reason', () => {
    const document = JSON.parse(bulkhead(['traffic', 'routes', '-f', file, '-o', 'json']).stdout) as Document
    assert.equal(document.kind, 'TrafficRoutes')
    const [item] = document.items
    assert.deepEqual([item?.route, item?.target], ['Ingress/shop/web shop.example.com/', 'shop/web:80'])
    const limit = item?.limits.find(({ kind }) => kind === 'requests')
    assert.deepEqual([limit?.rate, limit?.state, limit?.rule], [10, 'bypassable', 'R2'])
    assert.ok((limit?.because[0]?.line ?? 0) > 1)
  })

  test('a route without a limit has one entry that says so', () => {
    const bare = folder.write('bare.yaml', ingressNginx() + ingress('') + app('web'))
    const { items } = JSON.parse(bulkhead(['traffic', 'routes', '-f', bare, '-o', 'json']).stdout) as Document
    assert.deepEqual(
      items[0]?.limits.filter(({ kind }) => kind === 'requests').map(({ state }) => state),
      ['none'],
    )
  })

  test('fails on request, refuses what it does not know, and says what it could not read', () => {
    assert.equal(bulkhead(['traffic', 'routes', '-f', file, '--fail-on', 'high']).status, 1)
    assert.equal(bulkhead(['traffic', 'routes', '-f', file, '-o', 'xml']).status, 2)
    assert.equal(bulkhead(['traffic', 'routes', '-f', file, '--capacity', file]).status, 2)
    assert.equal(bulkhead(['traffic', 'routes', '-f', folder.write('broken.yaml', 'a: [')]).status, 3)
  })

  test('every form of the output has the route', () => {
    for (const format of ['wide', 'yaml', 'csv', 'md'])
      assert.match(bulkhead(['traffic', 'routes', '-f', file, '-o', format]).stdout, /Ingress\/shop\/web/, format)
  })

  test('names of an attacker reach no terminal', () => {
    const evil = folder.write('evil.yaml', ingress('').replace('shop.example.com', '"\\e[2J.example.com"') + app('web'))
    for (const format of ['table', 'json', 'csv', 'md', 'yaml'])
      assert.ok(!bulkhead(['traffic', 'routes', '-f', evil, '-o', format]).stdout.includes('\u001b'), format)
  })
})

describe('traffic migrate', () => {
  test('tells what a move loses, and writes what keeps it', () => {
    const { status, stdout } = bulkhead(['traffic', 'migrate', '-f', file])
    assert.equal(status, 0)
    assert.match(stdout, /loses 1 of 1 limit; objects/)
    const yaml = bulkhead(['traffic', 'migrate', '-f', file, '-o', 'yaml']).stdout
    assert.match(yaml, /kind: BackendTrafficPolicy/)
    assert.match(yaml, /name: web-shop-example-com/)
    const document = JSON.parse(bulkhead(['traffic', 'migrate', '-f', file, '--to', 'f5-nginx', '-o', 'json']).stdout)
    assert.deepEqual(
      [document.kind, document.items[0].limits[0].byTool, document.items[0].limits[0].byObjects],
      ['TrafficMigration', 'lost', 'kept'],
    )
  })

  test('refuses a target that it does not know', () => {
    assert.equal(bulkhead(['traffic', 'migrate', '-f', file, '--to', 'caddy']).status, 2)
  })
})
