import type { Limit, LimitKey } from '../limit.ts'

/** What of a key tells clients apart: their address, and what they write themselves, in words. */
export interface CountedBy {
  readonly address: boolean
  readonly chosen: readonly string[]
}

export function countedBy(key: LimitKey): CountedBy {
  switch (key.kind) {
    case 'client-address':
    case 'peer-address':
      return { address: true, chosen: [] }
    case 'header':
      return { address: false, chosen: [`the header ${key.name}`] }
    case 'identity':
      return { address: /client address/.test(key.of), chosen: [] }
    case 'expression':
      return key.text.includes('$') ? ofVariables(key.text) : ofWords(key.text)
    case 'everyone':
      return { address: false, chosen: [] }
    default:
      return key satisfies never
  }
}

const ADDRESSES: ReadonlySet<string> = new Set([
  'remote_addr',
  'binary_remote_addr',
  'realip_remote_addr',
  'proxy_protocol_addr',
])

/** Variables of nginx with as many values as a client likes (nginx.org/en/docs/varindex.html). */
const CHOSEN =
  /^(http_.+|arg_.+|cookie_.+|args|query_string|uri|document_uri|request|request_uri|request_id|request_body|request_length|remote_user|remote_port|realip_remote_port|content_length|content_type|connection|connection_requests|msec|ssl_session_id)$/

function ofVariables(text: string): CountedBy {
  const names = [...text.slice(0, 200).matchAll(/\$\{?([a-z0-9_]+)/gi)].map(([, name]) => (name ?? '').toLowerCase())
  return {
    address: names.some((name) => ADDRESSES.has(name)),
    chosen: names.filter((name) => CHOSEN.test(name)).map((name) => `$${name}`),
  }
}

/** Entries of a descriptor that Envoy makes without the request. */
const SET_BY_ENVOY: ReadonlySet<string> = new Set(['generic_key', 'source_cluster', 'destination_cluster'])

/** `client address and header X`, `query parameter x`, `descriptor remote_address, path`: as the dialects word them. */
function ofWords(text: string): CountedBy {
  if (text === 'connection') return { address: false, chosen: ['the connection'] }
  if (text.startsWith('descriptor ')) {
    const entries = text.slice('descriptor '.length).split(', ')
    const isAddress = (entry: string): boolean => entry === 'remote_address' || entry === 'masked_remote_address'
    return {
      address: entries.some(isAddress),
      chosen: entries.filter((entry) => !isAddress(entry) && !SET_BY_ENVOY.has(entry)).map((entry) => `its ${entry}`),
    }
  }
  const parts = text.split(' and ')
  return {
    address: parts.some((part) => part.startsWith('client address')),
    chosen: parts.filter((part) => /^(header|query parameter) /.test(part)).map((part) => `the ${part}`),
  }
}

/** Whether a limit counts by who the client is, as far as addresses tell. */
export function isByAddress({ limit }: { readonly limit: Limit }): boolean {
  return (limit.kind === 'requests' || limit.kind === 'connections') && countedBy(limit.key).address
}
