import { field, type Json } from '../../cluster/json.ts'

/** The HTTP status of a code of google.rpc.Code, as its comments name it. */
const HTTP: readonly number[] = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]

/** Of `protoPayload.status`, where 0 and nothing at all mean success; 0 where there is no status. */
export function codeOfStatus(status: Json | undefined): number {
  if (status === undefined || status === null) return 0
  const code = field(status, 'code')
  if (code === undefined) return 200
  if (typeof code !== 'number') return 0
  return httpOf(code)
}

export function httpOf(code: number): number {
  return HTTP[code] ?? (code >= 100 && code < 600 ? code : 500)
}
