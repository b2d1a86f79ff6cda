/** What the query of a list or watch asks (apimachinery/pkg/apis/meta/v1: ListOptions). */
export interface ListOptions {
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly limit: number
  readonly continued: boolean
  readonly selects: boolean
  readonly sendInitialEvents: boolean
}

const NOTHING: ListOptions = {
  resourceVersion: '',
  resourceVersionMatch: '',
  limit: 0,
  continued: false,
  selects: false,
  sendInitialEvents: false,
}

/** Undefined for a query that the API server refuses. */
export function listOptionsOf(query: string): ListOptions | undefined {
  if (query === '') return NOTHING
  const values = new Map<string, string>()
  for (const pair of query.split('&')) {
    // net/url: a semicolon is an error in that pair alone.
    if (pair === '' || pair.includes(';')) continue
    const at = pair.indexOf('=')
    const key = decoded(at < 0 ? pair : pair.slice(0, at))
    const value = decoded(at < 0 ? '' : pair.slice(at + 1))
    if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value)
  }
  const text = (key: string): string => values.get(key) ?? ''
  const limit = wholeOf(values.get('limit'))
  if (limit === undefined || wholeOf(values.get('timeoutSeconds')) === undefined) return undefined
  return {
    resourceVersion: text('resourceVersion'),
    resourceVersionMatch: text('resourceVersionMatch'),
    limit,
    continued: text('continue') !== '',
    selects: text('labelSelector') !== '' || text('fieldSelector') !== '',
    sendInitialEvents: isTrue(values.get('sendInitialEvents')),
  }
}

function decoded(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** 0 where it is not asked for; undefined for what is no whole number. */
function wholeOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0
  return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : undefined
}

/** runtime.Convert_Slice_string_To_bool: what is there is true, but for two words. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && text !== '0' && text.toLowerCase() !== 'false'
}
