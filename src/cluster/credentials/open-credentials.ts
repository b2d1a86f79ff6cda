import type { Cluster } from '../cluster.ts'
import { at, field, isObject, type Path, string } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'
import { type AccountToken, accountToken, accountTokensIn } from './account-token.ts'
import { authoritiesOf, isOurs, isSignedByUs, type Ours } from './authorities.ts'
import { type KubeconfigUser, kubeconfigUsers, mayBeKubeconfig } from './kubeconfig.ts'
import { type PrivateKey, privateKeysIn, publicKeyOf } from './private-key.ts'
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
  readonly as?: { readonly user: string; readonly groups: readonly string[] } | { readonly account: string } | 'anybody'
  /** `unknown` where it may be of another cluster, or has ended with what it is bound to. */
  readonly truth: 'yes' | 'unknown'
  /** What is not known. */
  readonly why?: string
  /** Milliseconds since 1970: of a certificate that is not taken before. */
  readonly from?: number
  readonly until?: number
  readonly object: KubeObject
  readonly path: Path
}

const MOST_TEXT = 1024 ** 2

/** Whether it is worth a look. */
export function mayHoldCredential(text: string): boolean {
  return hasOne(text) || isEncoded(text)
}

function hasOne(text: string): boolean {
  return text.includes('eyJ') || text.includes('-----BEGIN CERTIFICATE') || mayBeKubeconfig(text)
}

/** Whether it is, in base64, a text of a kind that may hold one: PEM, YAML, JSON. */
function isEncoded(text: string): boolean {
  return text.length > 100 && text.length <= 2 * MOST_TEXT && ENCODED.test(text) && !/[^A-Za-z0-9+/=\s]/.test(text)
}

/** How `---`, `apiVersion`, `kind: `, `clusters`, `users:`, `#` and `{` begin. */
const ENCODED = /^\s{0,100}(?:LS0t|YXBpVmVyc2lvb|a2luZDog|Y2x1c3RlcnM|dXNlcnM6|Iy|eyJ|ewo|ew0K)/

/** A text that lies in base64, as `kubectl config view --raw | base64` leaves it in variables, is what it stands for. */
function opened(each: OpenText): OpenText {
  if (!isEncoded(each.text)) return each
  const text = Buffer.from(each.text, 'base64').toString('utf8')
  return hasOne(text) || text.includes('PRIVATE KEY') ? { ...each, text } : each
}

/**
 * What of these texts authenticates to this cluster. They are what one reader has together: a certificate counts with a key
 * beside it. Those that had ended by `asOf`, or do not count before a later time, are left out, as are those that are surely
 * of another cluster.
 */
export function openCredentials(
  given: readonly OpenText[],
  cluster: Cluster,
  asOf: number | undefined,
): readonly OpenCredential[] {
  const found: OpenCredential[] = []
  const add = (text: OpenText, told: Told | undefined): void => {
    if (told && (asOf === undefined || ((told.until ?? asOf + 1) > asOf && (told.from ?? asOf) <= asOf)))
      found.push({ ...told, object: text.object, path: text.path })
  }
  const texts = given.flatMap((each) => {
    const text = opened(each)
    return text.text.length > MOST_TEXT ? [] : [text]
  })
  let read: readonly PrivateKey[] | undefined
  const keys = (): readonly PrivateKey[] => {
    read ??= texts.flatMap(({ text }) => privateKeysIn(text))
    return read
  }
  for (const each of texts) {
    const { text } = each
    if (!hasOne(text)) continue
    const users = kubeconfigUsers(text)
    for (const user of users ?? []) add(each, ofKubeconfig(user, cluster))
    if (!users && isCutKubeconfig(text)) add(each, untold('a kubeconfig', 'it cannot be read', 'unknown'))
    // Tokens and certificates of a kubeconfig are its users'.
    if (users && users.length > 0) continue
    const told = new Set<string>()
    for (const token of accountTokensIn(text)) {
      const id = `${token.namespace}/${token.name} ${token.until}`
      if (!told.has(id))
        add(each, ofToken(token, `a token of service account ${token.namespace}/${token.name}`, cluster, 'unknown'))
      told.add(id)
    }
    for (const one of text.includes('-----BEGIN CERTIFICATE') ? certificatesOf(text) : []) {
      const fits = fitOf(one, keys(), each.key)
      if (!fits || told.has(base64Of(one))) continue
      told.add(base64Of(one))
      if (!one.isAuthority) add(each, ofCertificate(one, text, fits, cluster))
      else add(each, ofAuthority(one, text, fits, cluster))
    }
  }
  return found
}

const MOST_IN_CHAIN = 10

type Told = Omit<OpenCredential, 'object' | 'path'>

/** Whether a text that is no YAML (a script, a template) has a kubeconfig with a key in it. */
function isCutKubeconfig(text: string): boolean {
  return mayBeKubeconfig(text) && /client-key-data["']?:\s{0,10}["']?[A-Za-z0-9+/]{100}/.test(text)
}

/** What is not known of the keys beside a certificate, or `own` where one is surely its own; undefined where none can be. */
type Fit = 'own' | 'it is encrypted' | 'it cannot be read'

function fitOf(certificate: Certificate, keys: readonly PrivateKey[], name: string): Fit | undefined {
  if (keys.length === 0) return undefined
  const own = publicKeyOf(certificate.der)
  if (own !== undefined && keys.some(({ isOf }) => isOf === own)) return 'own'
  // A bundle of authorities is nobody's.
  if (certificate.isAuthority || /(?:^|[._-])ca(?:[._-]|$)|bundle/i.test(name)) return undefined
  if (keys.some(({ isEncrypted }) => isEncrypted)) return 'it is encrypted'
  return own === undefined || keys.some(({ isOf }) => isOf === undefined) ? 'it cannot be read' : undefined
}

function base64Of({ der }: Certificate): string {
  return Buffer.from(der).toString('base64')
}

function ofAuthority(authority: Certificate, text: string, fit: Fit, cluster: Cluster): Told | undefined {
  const { clients, servers } = authoritiesOf(cluster)
  const isOf =
    clients.some(({ der }) => Buffer.compare(der, authority.der) === 0) ||
    isSignedByUs(authority, certificatesOf(text, MOST_IN_CHAIN), cluster) === 'yes'
  if (fit !== 'own' || (!isOf && (clients.length > 0 || !servers.has(base64Of(authority))))) return undefined
  const title = `the key of the authority ${nameOf(authority)}, which signs certificates of anybody`
  return isOf
    ? { title, as: 'anybody', truth: 'yes', from: authority.from, until: authority.until }
    : {
        title,
        truth: 'unknown',
        why: 'whether it signs those of clients too',
        from: authority.from,
        until: authority.until,
      }
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
      ? ofCertificate(certificate, user.certificate, 'own', cluster, title, ours)
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

/** `text`: what else lies with it, of which a client may send intermediate authorities. */
function ofCertificate(
  certificate: Certificate,
  text: string,
  fit: Fit,
  cluster: Cluster,
  kubeconfig?: string,
  among: Ours = 'unknown',
): Told | undefined {
  const { user, groups, from, until, isForClients } = certificate
  const ours = isSignedByUs(certificate, certificatesOf(text, MOST_IN_CHAIN), cluster) ?? among
  // The authenticator takes no certificate that is for servers alone, and none without a common name.
  if (!isForClients || user === '' || ours === 'no') return undefined
  const why =
    ours === 'unknown'
      ? 'whether an authority of this cluster signed it'
      : fit === 'own'
        ? undefined
        : `its key: ${fit}`
  const own = `a client certificate of ${nameOf(certificate)}`
  return {
    title: kubeconfig === undefined ? `${own}, with a key beside it` : `${kubeconfig}, ${own}`,
    as: { user, groups },
    truth: why === undefined ? 'yes' : 'unknown',
    from,
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
  if (isForApiServer === 'no' || isOther || isGone || among === 'no') return undefined
  const ends = boundTo && isBoundAlive(boundTo, namespace, cluster)
  if (ends === 'no') return undefined
  const isThis = (uid !== undefined && uid === known) || among === 'yes'
  const why = !isThis
    ? 'whether it is of this cluster'
    : isForApiServer === 'unknown'
      ? 'whether the API server takes its audience'
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

/** Kubernetes puts it on a token's Secret that nobody used for long (pkg/serviceaccount/legacy.go). */
const INVALID = 'kubernetes.io/legacy-token-invalid-since'

/** A token ends with the object that it is bound to. */
function isBoundAlive(
  { kind, name, uid }: NonNullable<AccountToken['boundTo']>,
  namespace: string,
  cluster: Cluster,
): Ours {
  const object = cluster.get(idOf(kind, kind === 'Node' ? '' : namespace, name))
  if (!object) return cluster.wasListed(kind) ? 'no' : 'unknown'
  const known = string(at(object.body, 'metadata', 'uid'))
  if (uid === undefined) return string(at(object.body, 'metadata', 'labels', INVALID)) ? 'no' : 'yes'
  return known === undefined ? 'unknown' : known === uid ? 'yes' : 'no'
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
  return (['data', 'binaryData'] as const).flatMap((place) => {
    const data = field(object.body, place)
    return isObject(data)
      ? Object.keys(data).flatMap((key) => {
          const text = string(field(data, key))
          return text === undefined ? [] : [{ key, text, object, path: [place, key] }]
        })
      : []
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
