import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { openTarget, type Resolve, WELL_KNOWN } from './target.ts'

const TOKEN = 'the-token-of-this-staging-host'
const stops: (() => void)[] = []
after(() => {
  for (const stop of stops) stop()
})

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A name that leads to these addresses; how often it was asked for. */
function dns(...addresses: string[]): Resolve & { asked: number } {
  const resolve = async () => {
    resolve.asked++
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  resolve.asked = 0
  return resolve
}

async function refusal(...args: Parameters<typeof openTarget>): Promise<string> {
  const opened = await openTarget(...args)
  assert.ok('refusal' in opened, 'it was let through')
  return opened.refusal
}

describe('a target', () => {
  test('on this machine may be loaded, by whatever name and notation', async () => {
    const port = await serve((_, response) => response.end('ok'))
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', 'a-name.test']) {
      const opened = await openTarget(`http://${host}:${port}/a?b=c`, [], dns('127.0.0.1'))
      assert.ok('target' in opened, host)
      assert.deepEqual(
        [opened.target.address, opened.target.isLoopback, opened.target.path],
        ['127.0.0.1', true, '/a?b=c'],
      )
    }
  })

  test('of several addresses the first that listens is taken', async () => {
    const port = await serve((_, response) => response.end('ok'))
    const opened = await openTarget(`http://localhost:${port}/`, [], dns('::1', '127.0.0.1'))
    assert.ok('target' in opened)
    assert.equal(opened.target.address, '127.0.0.1')
  })

  test('elsewhere is refused without a connection, and what to do is said', async () => {
    for (const [host, resolve] of [
      ['10.1.2.3', dns()],
      ['169.254.169.254', dns()],
      ['[2001:db8::1]', dns()],
      ['0.0.0.0', dns()],
      ['example.test', dns('203.0.113.9')],
      // One address here and one there: the name is not this machine's.
      ['both.test', dns('127.0.0.1', '203.0.113.9')],
    ] as const) {
      const told = await refusal(`http://${host}:9/`, [], resolve)
      assert.match(told, /not on this machine/, host)
      assert.match(told, /bulkhead-probe/)
      assert.match(told, /port-forward/)
    }
  })

  test('no URL, another scheme, a password in it, a name without an address, nobody there', async () => {
    assert.match(await refusal('staging', []), /expected a URL/)
    assert.match(await refusal('ftp://127.0.0.1/', []), /expected a URL/)
    assert.match(await refusal('file:///etc/passwd', []), /expected a URL/)
    assert.match(await refusal('http://user:password@127.0.0.1/', []), /--header/)
    assert.match(await refusal('http://nowhere.test/', [], dns()), /no address/)
    assert.match(await refusal('http://127.0.0.1:1/', []), /nobody listens/)
  })
})

describe('a target elsewhere that is allowed', () => {
  /** `unmapped`: not loopback by its name, though it leads to this machine: 127.0.0.1 and an address that nobody has. */
  const elsewhere = dns('127.0.0.1', '192.0.2.1')
  const open = (port: number, token = TOKEN, resolve = elsewhere): ReturnType<typeof openTarget> =>
    openTarget(`http://staging.test:${port}/`, [{ host: 'staging.test', port: undefined, token }], resolve)

  test('has to serve the token, at the time', async () => {
    let served: string | undefined = `${TOKEN}\n`
    const port = await serve((request, response) => {
      assert.equal(request.headers.host, `staging.test:${port}`)
      response.statusCode = request.url === WELL_KNOWN && served !== undefined ? 200 : 404
      response.end(served)
    })
    const opened = await open(port)
    assert.ok('target' in opened)
    assert.deepEqual([opened.target.hostname, opened.target.isLoopback], ['staging.test', false])
    for (const [text, why] of [
      ['another-token-of-this-length', /serves another token/],
      ['', /serves another token/],
      [`${TOKEN}x`, /serves another token/],
      ['x'.repeat(10_000), /longer than 4096/],
      [undefined, /answers 404/],
    ] as const) {
      served = text
      const refused = await open(port)
      assert.ok('refusal' in refused, String(text))
      assert.match(refused.refusal, why)
      assert.ok(!refused.refusal.includes(TOKEN), 'the token is told')
    }
  })

  test('is not followed where it redirects to', async () => {
    const other = await serve((_, response) => response.end(TOKEN))
    const port = await serve((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${other}${WELL_KNOWN}` }).end()
    })
    const refused = await open(port)
    assert.ok('refusal' in refused)
    assert.match(refused.refusal, /answers 302/)
  })

  test('only by its own name and port', async () => {
    const port = await serve((_, response) => response.end(TOKEN))
    const allowed = [{ host: 'staging.test', port: port + 1, token: TOKEN }]
    for (const host of ['staging.test', 'a.staging.test', 'staging.test.evil.test'])
      assert.match(await refusal(`http://${host}:${port}/`, allowed, elsewhere), /not on this machine/)
  })

  test('the name is looked up once: what was confirmed is what is loaded', async () => {
    const port = await serve((_, response) => response.end(TOKEN))
    const resolve = dns('127.0.0.1', '192.0.2.1')
    const opened = await open(port, TOKEN, resolve)
    assert.ok('target' in opened)
    assert.equal(resolve.asked, 1)
  })
})
