import * as http from 'node:http'
import * as https from 'node:https'
import { connect, type LookupFunction } from 'node:net'
import type { Pinned } from './target.ts'

/** The only module that opens connections: to one address, which was looked up once, and to no proxy of the environment. */

export interface Reply {
  /** The status; undefined where no answer came, and `error` says why (`ECONNREFUSED`, `timeout`). */
  readonly status: number | undefined
  readonly error: string | undefined
  readonly hasRetryAfter: boolean
}

/** Of one answer no more is read; it counts as answered then. */
const MOST_BODY = 8 * 1024 ** 2

export class Connections {
  readonly #agent: http.Agent
  readonly #options: http.RequestOptions
  readonly #request: typeof http.request
  /** Bytes of bodies that were read. */
  bytes = 0

  constructor(target: Pinned, headers: Readonly<Record<string, string>>, most: number) {
    const isSecure = target.protocol === 'https:'
    const agent = { keepAlive: true, maxSockets: most, maxFreeSockets: most }
    this.#agent = isSecure ? new https.Agent(agent) : new http.Agent(agent)
    this.#request = isSecure ? https.request : http.request
    this.#options = { ...addressOf(target), agent: this.#agent, path: target.path, method: 'GET', headers }
  }

  /** Sends one request; `done` is called once. What it gives back ends it. */
  send(done: (reply: Reply) => void): () => void {
    let isOver = false
    const finish = (status: number | undefined, error: string | undefined, hasRetryAfter = false): void => {
      if (isOver) return
      isOver = true
      done({ status, error, hasRetryAfter })
    }
    const request = this.#request(this.#options, (response) => {
      let size = 0
      const status = response.statusCode
      const end = (): void => finish(status, undefined, response.headers['retry-after'] !== undefined)
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        this.bytes += chunk.length
        if (size <= MOST_BODY) return
        end()
        response.destroy()
      })
      // By then the connection is free again, and the next request can go out on it.
      response.on('end', () => process.nextTick(end))
      response.on('error', (error: NodeJS.ErrnoException) => finish(undefined, error.code ?? 'error'))
      response.on('close', () => process.nextTick(finish, undefined, 'closed'))
    })
    request.on('error', (error: NodeJS.ErrnoException) =>
      finish(undefined, request.reusedSocket && error.code === 'ECONNRESET' ? STALE : (error.code ?? 'error')),
    )
    // An answer that takes the connection over (101, CONNECT) is no answer to a request for a page.
    request.on('upgrade', (_, socket) => {
      socket.destroy()
      finish(101, undefined)
    })
    request.end()
    return () => {
      finish(undefined, 'timeout')
      request.destroy()
    }
  }

  /** Closes connections that carry nothing; services that serve one connection at a time then take the next. */
  closeIdle(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** The service had closed the connection that the request was sent on, which no load causes. */
export const STALE = 'stale'

/** The first bytes of what a path of the target answers, and its status; never of where it redirects to. */
export function readText(
  target: Pinned,
  path: string,
  { most, seconds }: { readonly most: number; readonly seconds: number },
): Promise<{ readonly status: number; readonly text: string } | { readonly error: string }> {
  return new Promise((resolve) => {
    const send = target.protocol === 'https:' ? https.request : http.request
    const request = send({ ...addressOf(target), agent: false, path, method: 'GET' }, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size <= most) return
        resolve({ error: `its answer is longer than ${most} bytes` })
        request.destroy()
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
      response.on('error', ({ message }) => resolve({ error: message }))
    })
    const timer = setTimeout(() => request.destroy(new Error(`no answer in ${seconds} seconds`)), seconds * 1000)
    request.on('error', ({ message }) => resolve({ error: message }))
    request.on('close', () => {
      clearTimeout(timer)
      resolve({ error: 'the connection was closed' })
    })
    request.end()
  })
}

/** Whether anybody listens there. */
export function listens(address: string, port: number, seconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(seconds * 1000, () => end(false))
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
  })
}

/** The name is what is asked for (Host, SNI, the certificate); the address is where it goes, whatever DNS says by then. */
function addressOf({ protocol, hostname, port, address, family }: Pinned): http.RequestOptions {
  const lookup: LookupFunction = (_, options, done) => {
    if (options.all === true) done(null, [{ address, family }])
    else done(null, address, family)
  }
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, lookup }
}
