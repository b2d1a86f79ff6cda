// A thin client of the API server: JSON over kept connections, never more than eight requests at a time.
import { Agent, request } from 'node:https'
import { at, type Json, type JsonObject, list, object, string } from '../../src/cluster/json.ts'
import type { ControlPlane } from '../controlplane/start.ts'

export const CONCURRENCY = 8
/** Between two looks at something that takes its time. */
export const POLL_MS = 40

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type RequestOptions = {
  readonly token?: string
  readonly query?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly accept?: string
  /** More headers; one line for each value. */
  readonly headers?: Readonly<Record<string, string[]>>
}

export type Answer = {
  readonly code: number
  /** The object, or a `Status`; text that is no JSON is a string. */
  readonly body: Json
  /** The texts of the `Warning` headers, in their order. */
  readonly warnings: readonly string[]
}

/** How the API server serves a kind. */
export type Resource = { readonly path: string; readonly plural: string; readonly namespaced: boolean }

/** Asks the API server of one control plane. */
export type Api = {
  /** One request. Any answer is a value; throws only when none came. */
  request(method: Method, path: string, body?: Json, options?: RequestOptions): Promise<Answer>
  /** Where objects of a kind live, by discovery; undefined when they are not served. */
  resource(apiVersion: string, kind: string): Promise<Resource | undefined>
  /** The path of the object's collection; throws when its kind is not served. */
  collection(object: JsonObject): Promise<string>
  create(object: JsonObject, options?: RequestOptions): Promise<Answer>
  /** Server-side apply as the field manager `e2e`, by force. Throws when it is refused. */
  apply(object: JsonObject): Promise<JsonObject>
  /** Throws when it is refused, an object that is not there excepted. */
  delete(object: JsonObject): Promise<void>
  /** Create by server-side dry run: admission and validation as always, and nothing stored. */
  dryRunCreate(object: JsonObject, options?: RequestOptions): Promise<Answer>
  /** Update by server-side dry run. */
  dryRunUpdate(object: JsonObject): Promise<Answer>
  /** Discovery is read once; whoever installs a kind forgets it. */
  forgetDiscovery(): void
  close(): void
}

/** A response may tell 4,096 characters of warnings: WithWarningRecorder in k8s.io/apiserver/pkg/endpoints/filters/warning.go. */
const HEADER_BYTES = 128 * 1024

export function connect(plane: Pick<ControlPlane, 'url' | 'certificate' | 'tokens'>): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY, ca: plane.certificate })
  let discovery: Promise<ReadonlyMap<string, Resource>> | undefined

  const api: Api = {
    request: (method, path, body, options = {}) =>
      new Promise((resolve, reject) => {
        const url = new URL(path, plane.url)
        for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.append(name, value)
        const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
        const headers: Record<string, string | number | string[]> = {
          ...options.headers,
          authorization: `Bearer ${options.token ?? plane.tokens.admin}`,
          accept: options.accept ?? 'application/json',
        }
        if (payload) {
          headers['content-type'] = options.contentType ?? 'application/json'
          headers['content-length'] = payload.length
        }
        const sent = request(url, { method, agent, headers, maxHeaderSize: HEADER_BYTES }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            resolve({ code: response.statusCode ?? 0, body: parse(text), warnings: warnings(response.rawHeaders) })
          })
        })
        sent.once('error', reject)
        sent.end(payload)
      }),

    async resource(apiVersion, kind) {
      discovery ??= discover(api)
      return (await discovery).get(`${apiVersion}/${kind}`)
    },

    async collection(body) {
      const [apiVersion, kind] = [string(body.apiVersion) ?? '', string(body.kind) ?? '']
      const found = await api.resource(apiVersion, kind)
      if (!found) throw new Error(`${apiVersion} ${kind} is not served`)
      const namespace = string(at(body, 'metadata', 'namespace')) || 'default'
      return found.namespaced
        ? `${found.path}/namespaces/${encodeURIComponent(namespace)}/${found.plural}`
        : `${found.path}/${found.plural}`
    },

    create: async (body, options) => api.request('POST', await api.collection(body), body, options),

    dryRunCreate: (body, options) => api.create(body, { ...options, query: { ...options?.query, dryRun: 'All' } }),

    dryRunUpdate: async (body) =>
      api.request('PUT', `${await api.collection(body)}/${nameOf(body)}`, body, { query: { dryRun: 'All' } }),

    async apply(body) {
      const path = `${await api.collection(body)}/${nameOf(body)}`
      const query = { fieldManager: 'e2e', force: 'true' }
      const answer = await api.request('PATCH', path, body, { query, contentType: 'application/apply-patch+yaml' })
      if (answer.code >= 300) throw refused('apply', path, answer)
      return object(answer.body)
    },

    async delete(body) {
      const path = `${await api.collection(body)}/${nameOf(body)}`
      const answer = await api.request('DELETE', path)
      if (answer.code >= 300 && answer.code !== 404) throw refused('delete', path, answer)
    },

    forgetDiscovery() {
      discovery = undefined
    },

    close: () => agent.destroy(),
  }
  return api
}

/** Runs `task` for every item, eight at a time; results in the order of the items. */
export async function each<T, R>(items: readonly T[], task: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await task(items[index]!, index)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return results
}

export function nameOf(body: JsonObject): string {
  return encodeURIComponent(string(at(body, 'metadata', 'name')) ?? '')
}

function refused(verb: string, path: string, answer: Answer): Error {
  return new Error(
    `${verb} ${path}: ${answer.code} ${string(at(answer.body, 'message')) ?? JSON.stringify(answer.body)}`,
  )
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** `299 - "text"`, where `"` and `\` are escaped; header bytes are UTF-8, which Node reads as Latin-1. */
function warnings(rawHeaders: readonly string[]): string[] {
  const found: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() !== 'warning') continue
    const value = Buffer.from(rawHeaders[i + 1]!, 'latin1').toString('utf8')
    found.push(value.slice(value.indexOf('"') + 1, value.lastIndexOf('"')).replaceAll(/\\(.)/gs, '$1'))
  }
  return found
}

/** All groups in two requests, by aggregated discovery. */
async function discover(api: Api): Promise<ReadonlyMap<string, Resource>> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const found = new Map<string, Resource>()
  for (const root of ['/api', '/apis']) {
    const { code, body } = await api.request('GET', root, undefined, { accept })
    if (code !== 200) throw new Error(`discovery of ${root}: ${code}`)
    for (const group of list(at(body, 'items')))
      for (const version of list(at(group, 'versions'))) {
        const name = string(at(group, 'metadata', 'name')) ?? ''
        const apiVersion = `${name === '' ? '' : `${name}/`}${string(at(version, 'version'))}`
        for (const resource of list(at(version, 'resources')))
          found.set(`${apiVersion}/${string(at(resource, 'responseKind', 'kind'))}`, {
            path: `${root}/${apiVersion}`,
            plural: string(at(resource, 'resource')) ?? '',
            namespaced: at(resource, 'scope') === 'Namespaced',
          })
      }
  }
  return found
}
