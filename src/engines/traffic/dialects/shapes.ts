import type { Algorithm, Limit, LimitKey } from '../limit.ts'

/** Without the fields that are undefined: a limit says only what is known of it. */
function compact(limit: { readonly [Field in keyof Limit]: Limit[Field] | undefined }): Limit {
  return Object.fromEntries(Object.entries(limit).filter(([, value]) => value !== undefined)) as unknown as Limit
}

type Maybe<T> = { readonly [Field in keyof T]?: T[Field] | undefined }

/** The requests of `period` seconds. */
export function requestLimit(
  algorithm: Algorithm,
  rest: Maybe<Limit> & { readonly key: LimitKey; readonly scope: Limit['scope'] },
): Limit {
  return compact({ kind: 'requests', algorithm, ...rest })
}

/** Connections (or requests) at once. */
export function connectionLimit(
  connections: number | undefined,
  rest: Maybe<Limit> & { readonly key: LimitKey; readonly scope: Limit['scope'] },
): Limit {
  return compact({ kind: 'connections', algorithm: 'concurrent', connections, ...rest })
}

const REQUEST: LimitKey = { kind: 'expression', text: 'request' }

/** The size of a request’s body, in bytes. */
export function bodyLimit(body: number | undefined, code: number | undefined = 413): Limit {
  return compact({ kind: 'body', algorithm: 'threshold', body, key: REQUEST, code, scope: 'replica' })
}

/** What each time ends with: the engines agree where they answer at all. */
const TIMEOUT_CODES: ReadonlyMap<string, number> = new Map([
  ['headers', 408],
  ['body', 408],
  ['request', 408],
  ['backend', 504],
])

/** `of`: `headers`, `body`, `idle`, `request`, `backend` (limit.ts). */
export function timeoutLimit(of: string, seconds: number | undefined, code = TIMEOUT_CODES.get(of)): Limit {
  return compact({ kind: 'timeout', algorithm: 'threshold', of, seconds, key: REQUEST, code, scope: 'replica' })
}

/** How fast each response is sent. */
export function bandwidthLimit(bytesPerSecond: number | undefined): Limit {
  const key: LimitKey = { kind: 'expression', text: 'response' }
  return compact({ kind: 'bandwidth', algorithm: 'threshold', bytesPerSecond, key, scope: 'replica' })
}

/** A limit of which only the kind is known, because what says it is not read. */
export function unreadLimit(kind: Limit['kind'], text: string, scope: Limit['scope'] = 'replica'): Limit {
  return { kind, algorithm: 'unknown', key: { kind: 'expression', text }, scope }
}
