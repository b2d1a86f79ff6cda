// One client of the API server, in a process of its own: `node client.ts '<settings>'` prints what was answered.
import { Agent, request } from 'node:https'

export type Settings = {
  readonly url: string
  readonly certificate: string
  readonly token: string
  readonly path: string
  readonly agent: string
  readonly seconds: number
  /** Requests at once; each is followed by the next. */
  readonly inFlight: number
  /** Milliseconds from the begin of one to that of the next, where it has ended by then. */
  readonly everyMs: number
}

/** `completed` were answered 200 within the time. */
export type Told = {
  readonly completed: number
  readonly codes: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p95Ms: number
  readonly bytes: number
}

async function load(settings: Settings): Promise<Told> {
  const { url, certificate, token, path, seconds, inFlight, everyMs } = settings
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight, ca: certificate })
  const headers = { authorization: `Bearer ${token}`, 'user-agent': settings.agent }
  const codes = new Map<number, number>()
  const took: number[] = []
  let completed = 0
  let bytes = 0
  const end = Date.now() + seconds * 1000
  const ask = (): Promise<number> =>
    new Promise((resolve) => {
      const sent = request(new URL(path, url), { agent, headers }, (answer) => {
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        answer.once('end', () => resolve(answer.statusCode ?? 0)).once('error', () => resolve(0))
      })
      sent.once('error', () => resolve(0)).end()
    })
  const lane = async (): Promise<void> => {
    for (let next = Date.now(); next < end; next = Math.max(Date.now(), next + everyMs)) {
      if (next > Date.now()) await new Promise((resolve) => setTimeout(resolve, next - Date.now()))
      const began = performance.now()
      const code = await ask()
      codes.set(code, (codes.get(code) ?? 0) + 1)
      took.push(performance.now() - began)
      if (code === 200 && Date.now() <= end) completed++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  agent.destroy()
  took.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(took[Math.floor(took.length * share)] ?? 0)
  return { completed, codes: Object.fromEntries(codes), p50Ms: at(0.5), p95Ms: at(0.95), bytes }
}

if (process.argv[2] !== undefined) console.log(JSON.stringify(await load(JSON.parse(process.argv[2]) as Settings)))
