import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createRaw } from 'node:net'
import { after, describe, test } from 'node:test'
import { Sender, type SenderOptions } from './sender.ts'
import type { Caps, Outcome, Step } from './step.ts'
import type { Pinned } from './target.ts'

const closing: Server[] = []
after(() => {
  for (const server of closing) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: RequestListener): Promise<Pinned> {
  const server = createServer(answer)
  closing.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return pinned((server.address() as AddressInfo).port)
}

function pinned(port: number): Pinned {
  return {
    protocol: 'http:',
    hostname: 'named.test',
    port,
    address: '127.0.0.1',
    family: 4,
    path: '/a?b=c',
    isLoopback: true,
  }
}

const CAPS: Caps = { requests: 1_000, seconds: 20, inFlight: 64, bytes: 1e9, timeout: 5 }

async function sent(
  target: Pinned,
  step: Step,
  caps: Partial<Caps> = {},
  options: Partial<SenderOptions> = {},
): Promise<{ outcome: Outcome; sender: Sender }> {
  const sender = new Sender(target, { ...CAPS, ...caps }, { headers: {}, limitCodes: new Set(), ...options })
  try {
    return { outcome: await sender.take(step), sender }
  } finally {
    sender.close()
  }
}

const closed = (concurrency: number, requests: number, seconds = 10): Step => ({
  kind: 'closed',
  concurrency,
  requests,
  seconds,
})

describe('the sender', () => {
  test('a closed step: so many at once, so many in all, one connection a worker, with the name and the headers', async () => {
    let now = 0
    let most = 0
    const sockets = new Set<unknown>()
    const target = await serve((request, response) => {
      assert.deepEqual(
        [request.url, request.headers.host, request.headers['x-a']],
        ['/a?b=c', `named.test:${target.port}`, 'b'],
      )
      sockets.add(request.socket)
      most = Math.max(most, ++now)
      setTimeout(() => {
        now--
        response.end('ok')
      }, 5)
    })
    const { outcome } = await sent(target, closed(4, 40), {}, { headers: { 'x-a': 'b' } })
    assert.deepEqual([outcome.fates.length, most, sockets.size, outcome.ended], [40, 4, 4, 'done'])
    assert.ok(outcome.fates.every((fate) => fate === 'served'))
    for (let index = 0; index < 40; index++)
      assert.ok((outcome.doneAt[index] as number) >= (outcome.sentAt[index] as number))
    assert.ok(outcome.seconds >= outcome.sendSeconds)
  })

  test('an open step: at even distances, whether answered or not', async () => {
    const target = await serve((_, response) => setTimeout(() => response.end('ok'), 100))
    const { outcome } = await sent(target, { kind: 'open', rate: 100, requests: 50 })
    assert.equal(outcome.fates.length, 50)
    for (let index = 0; index < 50; index++) {
      // A late one is late by what the machine was busy; none is early, and the plan does not slip.
      assert.ok((outcome.sentAt[index] as number) >= index / 100 - 0.001)
    }
    assert.ok((outcome.sentAt[49] as number) < 0.49 + 0.3)
  })

  test('fates by the answer: limits apart from errors, and redirects are not followed', async () => {
    const answers: readonly (readonly [number, Record<string, string>])[] = [
      [200, {}],
      [302, { location: 'http://192.0.2.1/' }],
      [404, {}],
      [403, {}],
      [429, {}],
      [503, { 'retry-after': '1' }],
      [503, {}],
      [500, {}],
    ]
    let at = 0
    const target = await serve((_, response) => {
      const [status, headers] = answers[at++] as (typeof answers)[number]
      response.writeHead(status, headers).end('x')
    })
    const { outcome } = await sent(target, closed(1, answers.length), {}, { limitCodes: new Set([403]) })
    assert.deepEqual(outcome.fates, [
      'served',
      'served',
      'refused',
      'limited',
      'limited',
      'limited',
      'failed',
      'failed',
    ])
    assert.equal(outcome.answers.get('503'), 2)
    assert.equal(at, answers.length)
  })

  test('an answer in the midst of which the connection breaks, and none in time, are errors', async () => {
    let count = 0
    const target = await serve((_, response) => {
      if (++count === 1) {
        response.writeHead(200, { 'content-length': '100' }).write('half')
        setTimeout(() => response.destroy(), 10)
      }
    })
    const { outcome } = await sent(target, closed(1, 2), { timeout: 0.3 })
    assert.deepEqual(outcome.fates, ['failed', 'failed'])
    assert.equal(outcome.answers.get('timeout'), 1)
    assert.ok(Number.isNaN(outcome.doneAt[1]))
  })

  test('nobody there any more', async () => {
    const { outcome } = await sent(pinned(1), closed(2, 6))
    assert.deepEqual(new Set(outcome.fates), new Set(['failed']))
    assert.equal(outcome.answers.get('ECONNREFUSED'), 6)
  })

  test('a connection that the service had closed meanwhile is no error: the request is sent once more', async () => {
    let requests = 0
    const raw = createRaw((socket) => {
      socket.on('error', () => {})
      let first = true
      socket.on('data', () => {
        requests++
        if (first) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
        // The second request on a connection finds it closed.
        else socket.resetAndDestroy()
        first = false
      })
    })
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
    try {
      const { outcome, sender } = await sent(pinned((raw.address() as AddressInfo).port), closed(1, 3))
      assert.deepEqual(outcome.fates, ['served', 'served', 'served'])
      assert.equal(sender.used.requests, requests)
    } finally {
      raw.close()
    }
  })

  test('a service that takes one connection at a time is not stuck at the end', async () => {
    const raw = createRaw({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => {})
      queue.push(socket)
      if (queue.length === 1) takeNext()
    })
    const queue: import('node:net').Socket[] = []
    const takeNext = (): void => {
      const [socket] = queue
      if (!socket) return
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
      socket.on('close', () => {
        queue.shift()
        takeNext()
      })
      socket.resume()
    }
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
    try {
      const { outcome } = await sent(pinned((raw.address() as AddressInfo).port), closed(3, 12))
      assert.ok(outcome.fates.every((fate) => fate === 'served'))
      assert.ok(outcome.seconds < 4, String(outcome.seconds))
    } finally {
      raw.close()
    }
  })
})

describe('the caps', () => {
  test('requests: not one more, over all steps', async () => {
    let count = 0
    const target = await serve((_, response) => {
      count++
      response.end('ok')
    })
    const sender = new Sender(target, { ...CAPS, requests: 25 }, { headers: {}, limitCodes: new Set() })
    assert.equal((await sender.take(closed(4, 20))).ended, 'done')
    const second = await sender.take(closed(4, 20))
    assert.deepEqual([second.ended, second.fates.length, second.fates.includes('cut')], ['stopped', 5, false])
    assert.deepEqual((await sender.take({ kind: 'open', rate: 100, requests: 10 })).fates, [])
    sender.close()
    assert.deepEqual([count, sender.stopped], [25, 'requests'])
  })

  test('seconds: it ends at once, whatever is in flight', async () => {
    const target = await serve(() => {})
    const start = performance.now()
    const { outcome, sender } = await sent(target, closed(3, 100), { seconds: 0.4, timeout: 60 })
    const took = (performance.now() - start) / 1000
    assert.ok(took >= 0.39 && took < 1.5, String(took))
    assert.deepEqual(
      [outcome.ended, sender.stopped, outcome.fates.every((fate) => fate === 'cut')],
      ['stopped', 'seconds', true],
    )
  })

  test('in flight: an open step ends when as many wait as may', async () => {
    const target = await serve((_, response) => setTimeout(() => response.end('ok'), 400))
    const { outcome } = await sent(target, { kind: 'open', rate: 200, requests: 100 }, { inFlight: 10 })
    assert.deepEqual([outcome.ended, outcome.fates.length], ['in-flight', 10])
  })

  test('bytes: an endless answer is cut, and nothing more is sent', async () => {
    const target = await serve((_, response) => {
      response.on('error', () => {})
      const block = Buffer.alloc(65_536)
      const go = (): void => {
        while (response.write(block));
        response.once('drain', go)
      }
      go()
    })
    const { outcome, sender } = await sent(target, closed(1, 50), { bytes: 20 * 1024 ** 2, timeout: 20 })
    assert.equal(sender.stopped, 'bytes')
    assert.ok(outcome.fates.length < 6)
    assert.ok(sender.used.bytes < 40 * 1024 ** 2, String(sender.used.bytes))
  })

  test('the user: it stops at once, and so does a rest', async () => {
    const target = await serve(() => {})
    for (const step of [closed(2, 10), { kind: 'rest', seconds: 20 } as const]) {
      const sender = new Sender(target, CAPS, { headers: {}, limitCodes: new Set() })
      setTimeout(() => sender.stop('asked'), 100)
      const start = performance.now()
      assert.equal((await sender.take(step)).ended, 'stopped')
      assert.ok(performance.now() - start < 1_500)
      sender.close()
    }
  })

  test('no proxy of the environment is asked', async () => {
    let asked = 0
    const proxy = await serve((_, response) => {
      asked++
      response.end('proxy')
    })
    const target = await serve((_, response) => response.end('ok'))
    const before = { ...process.env }
    Object.assign(process.env, {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      http_proxy: `http://127.0.0.1:${proxy.port}`,
    })
    try {
      const { outcome } = await sent(target, closed(1, 3))
      assert.deepEqual([asked, outcome.fates.length], [0, 3])
    } finally {
      process.env = before
    }
  })
})
