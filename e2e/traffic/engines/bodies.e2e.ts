// The size of bodies: with a length, and in chunks that tell none. Run: npm run e2e
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { Limit } from '../../../src/engines/traffic/limit.ts'
import type { Writable } from '../../../src/engines/traffic/write/writer.ts'
import { ENGINES, missing } from './all.ts'
import { type Backend, startBackend } from './backend.ts'

const MOST = 65_536
const LIMIT: Limit = {
  kind: 'body',
  algorithm: 'threshold',
  body: MOST,
  key: { kind: 'expression', text: 'request' },
  code: 413,
  scope: 'replica',
}
const WITH_LIMIT = ['ingress-nginx', 'f5-nginx', 'envoy-gateway', 'haproxy-ingress', 'traefik'] satisfies Writable[]

let backend: Backend
before(async () => {
  backend = await startBackend()
})
after(() => backend.stop())

function post(url: string, bytes: number, chunked: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes) }
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    // An answer may come before all was sent, and the connection end.
    sent.once('error', reject)
    // HAProxy knows the length of a chunk before its end: small ones, that no single one tells.
    for (let left = bytes; left > 0; left -= 4096) sent.write(Buffer.alloc(Math.min(left, 4096)))
    sent.end()
  })
}

for (const product of WITH_LIMIT) {
  const run = ENGINES.get(product)
  test(`${product}: a body of the limit passes, one byte more does not`, { skip: missing(run) }, async () => {
    const { engine, written } = await run!([LIMIT], backend.port)
    try {
      const [kept] = written.kept
      assert.equal(kept?.body, MOST)
      for (const chunked of [false, true]) {
        assert.equal(await post(engine.url, MOST, chunked), 200, `whole, chunked: ${chunked}`)
        const counted: boolean = !chunked || kept?.only === undefined
        assert.equal(await post(engine.url, MOST + 1, chunked), counted ? 413 : 200, `one more, chunked: ${chunked}`)
      }
    } finally {
      await engine.stop()
    }
  })
}

describe('what has no limit of bodies says so', () => {
  test('haproxy', { skip: missing(ENGINES.get('haproxy')) }, async () => {
    const { engine, written } = await ENGINES.get('haproxy')!([LIMIT], backend.port)
    await engine.stop()
    assert.deepEqual(
      written.losses.map(({ field, severity }) => [field, severity]),
      [['body', 'lost']],
    )
  })
})
