// What stands behind the engines: quick, or as slow as a test needs it.
import { createServer } from 'node:http'

export interface Backend {
  readonly port: number
  stop(): Promise<void>
}

export async function startBackend(answerMs = 0): Promise<Backend> {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => {
      if (answerMs === 0) response.end('ok')
      else setTimeout(() => response.end('ok'), answerMs)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', 4096, resolve))
  const { port } = server.address() as { port: number }
  return {
    port,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
