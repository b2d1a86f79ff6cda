import type { Cluster } from '../cluster.ts'
import { at, field, isObject, type Path, string } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'
import { type AccountToken, accountToken, accountTokensIn } from './account-token.ts'
import { type KubeconfigCluster, type KubeconfigUser, kubeconfigUsers, mayBeKubeconfig } from './kubeconfig.ts'
import { type Certificate, certificateOf, certificatesOf } from './x509.ts'

/** A text of the input in which a credential may lie: a value of a ConfigMap, a variable, an argument. */
export interface OpenText {
  readonly key: string
  readonly text: string
  readonly object: KubeObject
  readonly path: Path
}

/** A credential that lies where others read it. Of itself nothing is kept but whose it is and until when. */
export interface OpenCredential {
  /** For people: `a kubeconfig of its user ops`, `a client certificate of jane`. */
  readonly title: string
  /** As whom the API server takes it; undefined where that cannot be told. */
  readonly as?: { readonly user: string; readonly groups: readonly string[] } | { readonly account: string }
  /** `unknown` where it may be of another cluster, or has ended with what it is bound to. */
  readonly truth: 'yes' | 'unknown'
  /** What is not known. */
  readonly why?: string
  /** Milliseconds since 1970. */
  readonly until?: number
  readonly object: KubeObject
  readonly path: Path
}

const MOST_TEXT = 1024 ** 2
const KEY = /-----BEGIN (?:(?:RSA|EC|ENCRYPTED) )?PRIVATE KEY-----/

/** Whether it is worth a look. */
export function mayHoldCredential(text: string): boolean {
  return text.includes('eyJ') || text.includes('-----BEGIN CERTIFICATE') || mayBeKubeconfig(text)
}

/**
 * What of these texts authenticates to this cluster. They are what one reader has together: a certificate counts with a key
 * beside it. Those that had ended by `asOf` are left out, as are those that are surely of another cluster.
 */
export function openCredentials(
  texts: readonly OpenText[],
  cluster: Cluster,
  asOf: number | undefined,
): readonly OpenCredential[] {
  const found: OpenCredential[] = []
  const add = (text: OpenText, told: Told | undefined): void => {
    if (told && (asOf === undefined || told.until === undefined || told.until > asOf))
      found.push({ ...told, object: text.object, path: text.path })
  }
  const keys = texts.filter(({ text }) => text.length <= MOST_TEXT && KEY.test(text)).length
  for (const each of texts) {
    const { text, key } = each
    if (text.length > MOST_TEXT || !mayHoldCredential(text)) continue
    const users = kubeconfigUsers(text)
    for (const user of users ?? []) add(each, ofKubeconfig(user, cluster))
    // Tokens and certificates of a kubeconfig are its users'.
    if (users && users.length > 0) continue
    const told = new Set<string>()
    for (const token of accountTokensIn(text)) {
      const id = `${token.namespace}/${token.name} ${token.until}`
      if (!told.has(id))
        add(each, ofToken(token, `a token of service account ${token.namespace}/${token.name}`, cluster, 'unknown'))
      told.add(id)
    }
    const certificate = keys > 0 && !isAuthority(key) ? certificateOf(text) : undefined
    if (certificate)
      add(
        each,
        ofCertificate(
          certificate,
          `a client certificate of ${nameOf(certificate)}, with a key beside it`,
          cluster,
          'unknown',
          keys,
        ),
      )
  }
  return found
}

type Told = Omit<OpenCredential, 'object' | 'path'>
type Ours = 'yes' | 'no' | 'unknown'

/** A bundle of authorities is nobody's. */
function isAuthority(key: string): boolean {
  return /(?:^|[._-])ca(?:[._-]|$)|bundle/i.test(key)
}

function nameOf({ user, groups }: Certificate): string {
  return `${user === '' ? 'a user without a name' : user}${groups.length === 0 ? '' : ` in ${groups.join(', ')}`}`
}

function ofKubeconfig(user: KubeconfigUser, cluster: Cluster): Told | undefined {
  const ours = isOurs(user.clusters, cluster)
  const title = `a kubeconfig with the user ${user.name}`
  if (user.certificate !== undefined) {
    const certificate = certificateOf(user.certificate)
    return certificate
      ? ofCertificate(certificate, `${title}, a client certificate of ${nameOf(certificate)}`, cluster, ours, 1)
      : untold(title, 'its certificate cannot be read', ours)
  }
  if (user.token !== undefined) {
    const token = accountToken(user.token)
    return token
      ? ofToken(token, `${title}, a token of service account ${token.namespace}/${token.name}`, cluster, ours)
      : untold(title, 'its token does not say whose it is', ours)
  }
  return untold(title, `${user.plugin} is asked for its credential, by credentials of its own`, ours)
}

function untold(title: string, why: string, ours: Ours): Told | undefined {
  return ours === 'no' ? undefined : { title, truth: 'unknown', why }
}

function ofCertificate(
  certificate: Certificate,
  title: string,
  cluster: Cluster,
  among: Ours,
  keys: number,
): Told | undefined {
  const { user, groups, until, isForClients } = certificate
  const ours = isSignedByUs(certificate, cluster) ?? among
  // The authenticator takes no certificate that is for servers alone, and none without a common name.
  if (!isForClients || user === '' || ours === 'no') return undefined
  const why =
    ours === 'unknown'
      ? 'whether an authority of this cluster signed it'
      : keys > 1
        ? 'which key is its own'
        : undefined
  return {
    title,
    as: { user, groups },
    truth: why === undefined ? 'yes' : 'unknown',
    until,
    ...(why === undefined ? {} : { why }),
  }
}

function ofToken(token: AccountToken, title: string, cluster: Cluster, among: Ours): Told | undefined {
  const { namespace, name, uid, boundTo, until, isForApiServer } = token
  const id = idOf('ServiceAccount', namespace, name)
  const account = cluster.get(id)
  const known = string(at(account?.body, 'metadata', 'uid'))
  const isOther = uid !== undefined && known !== undefined && uid !== known
  const isGone = !account && cluster.wasListed('ServiceAccount')
  if (!isForApiServer || isOther || isGone || among === 'no') return undefined
  const ends = boundTo && isBoundAlive(boundTo, namespace, cluster)
  if (ends === 'no') return undefined
  const isThis = (uid !== undefined && uid === known) || among === 'yes'
  const why = !isThis
    ? 'whether it is of this cluster'
    : ends === 'unknown'
      ? `whether ${boundTo?.kind} ${boundTo?.name} is there still`
      : undefined
  return {
    title,
    as: { account: id },
    truth: why === undefined ? 'yes' : 'unknown',
    ...(why === undefined ? {} : { why }),
    ...(until === 'never' ? {} : { until }),
  }
}

/** A token ends with the object that it is bound to. */
function isBoundAlive(
  { kind, name, uid }: NonNullable<AccountToken['boundTo']>,
  namespace: string,
  cluster: Cluster,
): Ours {
  const object = cluster.get(idOf(kind, namespace, name))
  if (!object) return cluster.wasListed(kind) ? 'no' : 'unknown'
  const known = string(at(object.body, 'metadata', 'uid'))
  if (uid === undefined) return 'yes'
  return known === undefined ? 'unknown' : known === uid ? 'yes' : 'no'
}

/** By the authorities of clients that the API server publishes; undefined where the input does not hold them, or they do not tell. */
function isSignedByUs({ issuer, signer }: Certificate, cluster: Cluster): Ours | undefined {
  const authorities = authoritiesOf(cluster).clients
  if (authorities.length === 0) return undefined
  const named = authorities.filter(({ subject }) => subject === issuer)
  if (named.length === 0) return 'no'
  if (signer === undefined || named.every(({ own }) => own === undefined)) return undefined
  return named.some(({ own }) => own === signer) ? 'yes' : named.some(({ own }) => own === undefined) ? undefined : 'no'
}

const IN_CLUSTER = /^https:\/\/kubernetes(?:\.default(?:\.svc(?:\.[a-z0-9.-]{1,200})?)?)?(?::\d{1,5})?\/?$/

/** Whether a kubeconfig is for this cluster: by its server's name, or by the authority of the server. */
function isOurs(clusters: readonly KubeconfigCluster[], cluster: Cluster): Ours {
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
function authoritiesOf(cluster: Cluster): Authorities {
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

const byMap = new WeakMap<Cluster, Map<number | undefined, ReadonlyMap<string, readonly OpenCredential[]>>>()

/** By the id of a ConfigMap, what lies in it. */
export function credentialsInConfigMaps(
  cluster: Cluster,
  asOf: number | undefined,
): ReadonlyMap<string, readonly OpenCredential[]> {
  const times = byMap.get(cluster) ?? new Map<number | undefined, ReadonlyMap<string, readonly OpenCredential[]>>()
  byMap.set(cluster, times)
  const before = times.get(asOf)
  if (before) return before
  const found = new Map<string, readonly OpenCredential[]>()
  for (const object of cluster.ofKind('ConfigMap')) {
    const texts = textsOf(object)
    if (!texts.some(({ text }) => mayHoldCredential(text))) continue
    const own = openCredentials(texts, cluster, asOf)
    if (own.length > 0) found.set(object.id, own)
  }
  times.set(asOf, found)
  return found
}

function textsOf(object: KubeObject): readonly OpenText[] {
  const data = field(object.body, 'data')
  if (!isObject(data)) return []
  return Object.keys(data).flatMap((key) => {
    const text = string(field(data, key))
    return text === undefined ? [] : [{ key, text, object, path: ['data', key] }]
  })
}

const KUBECONFIG_KEY = /^(?:.{0,200}[._-])?(?:kubeconfig|kube-config|admin\.conf)(?:\.(?:ya?ml|json|conf))?$/i

/** Keys of a Secret by which a kubeconfig is usually kept; of the values nothing is known. */
export function kubeconfigKeys(secret: KubeObject): readonly string[] {
  const data = field(secret.body, 'data')
  const written = field(secret.body, 'stringData')
  return [data, written].flatMap((each) =>
    isObject(each) ? Object.keys(each).filter((key) => KUBECONFIG_KEY.test(key)) : [],
  )
}
