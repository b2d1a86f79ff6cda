import { createHash, timingSafeEqual } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type Allowed, hostName } from './allow.ts'
import { listens, readText } from './connection.ts'
import { isLoopback } from './loopback.ts'

/** Where requests go: the name that was asked for, and the one address that it had when it was looked up. */
export interface Pinned {
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  readonly port: number
  readonly address: string
  readonly family: 4 | 6
  /** With its query. */
  readonly path: string
  readonly isLoopback: boolean
}

/** How names become addresses; another one in tests. */
export type Resolve = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>

export const WELL_KNOWN = '/.well-known/bulkhead-probe'
const MOST_TOKEN = 4_096
const PATIENCE = { most: MOST_TOKEN, seconds: 5 }

const resolveName: Resolve = (name) => lookup(name, { all: true, verbatim: true })

/**
 * The target of a load test, or why it may not be one. What is on this machine may; any other host only where it is allowed
 * by name and serves the token at the time. The name is looked up once, so that what was allowed is what is loaded.
 */
export async function openTarget(
  text: string,
  allowed: readonly Allowed[],
  resolve: Resolve = resolveName,
): Promise<{ readonly target: Pinned } | { readonly refusal: string }> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    return { refusal: 'expected a URL of http or https, as in http://127.0.0.1:8080/' }
  if (url.username !== '' || url.password !== '')
    return { refusal: 'the URL holds a user or a password; give credentials by --header' }
  const name = hostName(url.hostname)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const addresses = await addressesOf(name, resolve)
  if (typeof addresses === 'string') return { refusal: `${name}: ${addresses}` }
  const local = addresses.every(({ address }) => isLoopback(address))
  const entry = allowed.find((each) => each.host === name && (each.port === undefined || each.port === port))
  if (!local && !entry)
    return {
      refusal: notAllowed(
        name,
        addresses.map(({ address }) => address),
      ),
    }
  for (const { address, family } of addresses) {
    if (!(await listens(address, port, PATIENCE.seconds))) continue
    const target: Pinned = {
      protocol: url.protocol,
      hostname: url.hostname,
      port,
      address,
      family: family === 6 ? 6 : 4,
      path: `${url.pathname}${url.search}`,
      isLoopback: local,
    }
    const why = local || !entry ? undefined : await unconfirmed(target, entry)
    return why === undefined ? { target } : { refusal: why }
  }
  return { refusal: `nobody listens at ${name} port ${port}` }
}

async function addressesOf(
  name: string,
  resolve: Resolve,
): Promise<readonly { readonly address: string; readonly family: number }[] | string> {
  const family = isIP(name)
  if (family !== 0) return [{ address: name, family }]
  try {
    const found = await resolve(name)
    return found.length === 0 ? 'it has no address' : found
  } catch (error) {
    return (error as Error).message
  }
}

function notAllowed(name: string, addresses: readonly string[]): string {
  return (
    `${name} (${addresses.slice(0, 3).join(', ')}) is not on this machine, and a load test of somebody else's service is an attack. ` +
    `To load a staging service of your own: let it answer GET ${WELL_KNOWN} with a token of at least 16 characters, ` +
    `name host and token in a file (hosts: [{host: ${name}, token: …}]), and give that by --allow FILE. ` +
    'To load one pod from here: kubectl port-forward, and http://127.0.0.1:PORT/'
  )
}

/** Why the target does not say that it may be loaded. */
async function unconfirmed(target: Pinned, { host, token }: Allowed): Promise<string | undefined> {
  const answer = await readText(target, WELL_KNOWN, PATIENCE)
  const place = `${target.protocol}//${host}:${target.port}${WELL_KNOWN}`
  if ('error' in answer) return `${place} cannot be read: ${answer.error}`
  if (answer.status !== 200) return `${place} answers ${answer.status}; it has to serve the token that --allow names`
  return isSame(answer.text.trim(), token) ? undefined : `${place} serves another token than --allow names`
}

/** In a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
