/** What a link into the report names: `#entry=<id>&to=<id>`. Other fragments are headings of the page. */
export interface Address {
  readonly entry?: string
  readonly to?: string
}

export function parseAddress(hash: string): Address | undefined {
  const text = hash.replace(/^#/, '')
  if (!text.includes('=')) return undefined
  const fields = new Map<string, string>()
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=')
    if (equals > 0) fields.set(pair.slice(0, equals), decoded(pair.slice(equals + 1)))
  }
  const entry = fields.get('entry')
  const to = fields.get('to')
  return { ...(entry ? { entry } : {}), ...(to ? { to } : {}) }
}

export function formatAddress({ entry, to }: Address): string {
  const fields = [entry === undefined ? '' : `entry=${encoded(entry)}`, to === undefined ? '' : `to=${encoded(to)}`]
  return `#${fields.filter((field) => field !== '').join('&')}`
}

/** Slashes and colons stay as they are, so that people can read the link. A lone surrogate has no encoding. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
