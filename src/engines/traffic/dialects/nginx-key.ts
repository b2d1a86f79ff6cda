import type { LimitKey } from '../limit.ts'

const CLIENT: ReadonlySet<string> = new Set(['binary_remote_addr', 'remote_addr'])
const PEER: ReadonlySet<string> = new Set(['realip_remote_addr'])

/** The key of `limit_req_zone` and `limit_conn_zone`: `$binary_remote_addr`, `${http_x_api_key}`, any text with variables. */
export function nginxKey(text: string): LimitKey {
  const parts = text.length > 200 ? null : /^\$(?:([a-z0-9_]+)|\{([a-z0-9_]+)\})$/i.exec(text.trim())
  const variable = (parts?.[1] ?? parts?.[2])?.toLowerCase()
  if (variable === undefined)
    return text.includes('$') ? { kind: 'expression', text: text.slice(0, 200) } : { kind: 'everyone' }
  if (CLIENT.has(variable)) return { kind: 'client-address' }
  if (PEER.has(variable)) return { kind: 'peer-address' }
  if (variable.startsWith('http_')) return { kind: 'header', name: headerName(variable.slice('http_'.length)) }
  return { kind: 'expression', text: `$${variable}` }
}

/** `x_api_key` is the header `X-Api-Key`: nginx asks in small letters and with `_` for `-`. */
function headerName(variable: string): string {
  return variable
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('-')
}
