import type { Cluster } from '../cluster.ts'
import { at, string } from '../json.ts'
import type { KubeconfigCluster } from './kubeconfig.ts'
import { type Certificate, certificatesOf } from './x509.ts'

/** Whether a credential is of this cluster. */
export type Ours = 'yes' | 'no' | 'unknown'

const MOST_TEXT = 1024 ** 2

/**
 * By the authorities of clients that the API server publishes, over those that the client sends along
 * (apiserver/pkg/authentication/request/x509); undefined where the input does not hold them, or they do not tell.
 */
export function isSignedByUs(
  certificate: Certificate,
  sent: readonly Certificate[],
  cluster: Cluster,
): Ours | undefined {
  const { clients } = authoritiesOf(cluster)
  if (clients.length === 0) return undefined
  let { issuer, signer } = certificate
  const left = new Set(sent)
  for (;;) {
    const answer = isSignedBy(issuer, signer, clients)
    if (answer !== 'no') return answer
    const next = [...left].find((each) => each.isAuthority && isSignedBy(issuer, signer, [each]) !== 'no')
    if (!next) return 'no'
    left.delete(next)
    issuer = next.issuer
    signer = next.signer
  }
}

function isSignedBy(issuer: string, signer: string | undefined, authorities: readonly Certificate[]): Ours | undefined {
  const named = authorities.filter(({ subject }) => subject === issuer)
  if (named.length === 0) return 'no'
  if (signer === undefined || named.every(({ own }) => own === undefined)) return undefined
  return named.some(({ own }) => own === signer) ? 'yes' : named.some(({ own }) => own === undefined) ? undefined : 'no'
}

const IN_CLUSTER = /^https:\/\/kubernetes(?:\.default(?:\.svc(?:\.[a-z0-9.-]{1,200})?)?)?(?::\d{1,5})?\/?$/

/** Whether a kubeconfig is for this cluster: by its server's name, or by the authority of the server. */
export function isOurs(clusters: readonly KubeconfigCluster[], cluster: Cluster): Ours {
  const { servers } = authoritiesOf(cluster)
  const answers = clusters.map(({ server, authority }): Ours => {
    if (IN_CLUSTER.test(server)) return 'yes'
    const own = authority === undefined ? [] : bodiesOf(authority)
    if (own.length === 0 || servers.size === 0) return 'unknown'
    return own.some((body) => servers.has(body)) ? 'yes' : 'no'
  })
  if (answers.includes('yes')) return 'yes'
  return answers.length > 0 && answers.every((each) => each === 'no') ? 'no' : 'unknown'
}

interface Authorities {
  readonly clients: readonly Certificate[]
  /** Base64 of the certificates, without white space. */
  readonly servers: ReadonlySet<string>
}

const known = new WeakMap<Cluster, Authorities>()

/** What every cluster publishes: ConfigMaps extension-apiserver-authentication and kube-root-ca.crt. */
export function authoritiesOf(cluster: Cluster): Authorities {
  const before = known.get(cluster)
  if (before) return before
  const clients = cluster.get('ConfigMap/kube-system/extension-apiserver-authentication')
  const servers = new Set<string>()
  for (const { name, body } of cluster.ofKind('ConfigMap')) {
    if (name !== 'kube-root-ca.crt') continue
    for (const each of bodiesOf(string(at(body, 'data', 'ca.crt')) ?? '')) servers.add(each)
    // It is the same in every namespace.
    if (servers.size > 0) break
  }
  const made = { clients: certificatesOf(string(at(clients?.body, 'data', 'client-ca-file')) ?? ''), servers }
  known.set(cluster, made)
  return made
}

function bodiesOf(pem: string): readonly string[] {
  return pem.length > MOST_TEXT
    ? []
    : pem
        .split('-----BEGIN CERTIFICATE-----')
        .slice(1)
        .map((each) => each.split('-----END')[0]?.replace(/\s+/g, '') ?? '')
        .filter((each) => each !== '')
}
