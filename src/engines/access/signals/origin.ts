import type { Access } from '../../../history/history.ts'

/**
 * Where a request came from: the last address alone, since whoever asks may write those before it (X-Forwarded-For).
 * Empty where the log has none, or nothing that is an address.
 */
export function sourceOf({ sources }: Access): string {
  return sources.length === 0 ? '' : (sources[sources.length - 1] as string)
}

/** Who asked: the one who impersonates, where someone does. Credential, address and agent are those of the caller. */
export function callerOf({ user, impersonator }: Access): string {
  return impersonator ? impersonator.user : user
}

/** Whether the authorizer let it through. A 403 of admission is of a request that it let through. */
export function isAllowed({ decision, code }: Access): boolean {
  if (code === 401) return false
  return decision === 'allow' || (decision === 'untold' && code !== 403)
}

export function isDenied({ decision, code }: Access): boolean {
  return decision === 'forbid' || (decision === 'untold' && code === 403)
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/
const MOST_NETWORKS = 10_000
const networks = new Map<string, string>()

/** The /24 or /64 of an address: what a household, an office or a node has; the text itself where it is no address. */
export function networkOf(address: string): string {
  let network = networks.get(address)
  if (network === undefined) {
    if (networks.size >= MOST_NETWORKS) networks.clear()
    network = networkIn(address)
    networks.set(address, network)
  }
  return network
}

function networkIn(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  const four = IPV4.exec(mapped?.[1] ?? address)
  if (four) return `${four[1]}.${four[2]}.${four[3]}.0/24`
  const plain = address.split('%')[0] as string
  if (!plain.includes(':') || address.length > 64) return address.slice(0, 64)
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const words = [...before, ...middle, ...after]
    .slice(0, 4)
    .map((word) => (Number.parseInt(word, 16) || 0).toString(16))
  return `${words.join(':')}::/64`
}

/** RFC 1918, 6598, 4193, loopback and link-local: inside of something. */
export function isPrivate(address: string): boolean {
  const four = /^(\d{1,3})\.(\d{1,3})\./.exec(address)
  if (four) {
    const [a, b] = [Number(four[1]), Number(four[2])]
    return (
      a === 10 ||
      a === 127 ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 100 && b >= 64 && b < 128) ||
      (a === 169 && b === 254)
    )
  }
  return /^(::1$|f[cd]|fe[89ab])/i.test(address) || !/^[0-9a-f:.]+$/i.test(address)
}

/** What an agent says of itself; anybody may say anything, so that nothing is excused by it. */
export interface Agent {
  /** The first word: `kubectl`, `k9s`, `helm`. */
  readonly family: string
  /** `darwin/arm64`; empty where it says none. */
  readonly system: string
  /** A client that people use, or that serves to look around. */
  readonly isHuman: boolean
}

const HUMAN =
  /^(kubectl|k9s|lens|openlens|freelens|octant|headlamp|k8slens|curl|wget|httpie|postman|kubectx|stern|kubecolor|mozilla|python-requests)/i
const SYSTEM = /\b(linux|darwin|windows|freebsd)\/([a-z0-9_]{2,12})/
const MOST_AGENTS = 5_000
const agents = new Map<string, Agent>()

export function agentOf(text: string): Agent {
  let agent = agents.get(text)
  if (!agent) {
    if (agents.size >= MOST_AGENTS) agents.clear()
    const head = text.slice(0, 512)
    agent = {
      family: (/^[^\s/(]{1,64}/.exec(head)?.[0] ?? '').replace(/\.exe$/i, ''),
      system: SYSTEM.exec(head)?.[0] ?? '',
      isHuman: HUMAN.test(head),
    }
    agents.set(text, agent)
  }
  return agent
}

const ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/

/** `namespace/name` of a service account’s user name. */
export function accountOf(user: string): string | undefined {
  if (!user.startsWith('system:serviceaccount:')) return undefined
  const found = ACCOUNT.exec(user)
  return found ? `${found[1]}/${found[2]}` : undefined
}
