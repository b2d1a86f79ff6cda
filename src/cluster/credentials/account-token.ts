import { at, field, isObject, type Json, type JsonObject, list, number, string } from '../json.ts'

/** What a token of a service account says of itself; its signature is not checked. */
export interface AccountToken {
  readonly namespace: string
  readonly name: string
  readonly uid: string | undefined
  /** The object with which it ends: its Secret, of one that does not expire, a pod, or a node. */
  readonly boundTo:
    | { readonly kind: 'Secret' | 'Pod' | 'Node'; readonly name: string; readonly uid: string | undefined }
    | undefined
  /** Milliseconds since 1970. */
  readonly until: number | 'never'
  /** Whether it is for the API server, by its audience; unknown where that is no name that is known. */
  readonly isForApiServer: 'yes' | 'no' | 'unknown'
}

const MOST_TEXT = 16 * 1024
const MOST_TOKENS = 100
const DOT = 46
const LEGACY = 'kubernetes.io/serviceaccount/'

/** pkg/serviceaccount/{claims,legacy}.go. Undefined for a token of anything else. */
export function accountToken(text: string): AccountToken | undefined {
  const [, body = '', ...rest] = text.split('.')
  if (rest.length !== 1 || body.length > MOST_TEXT) return undefined
  let claims: Json
  try {
    claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Json
  } catch {
    return undefined
  }
  if (!isObject(claims)) return undefined
  const token = legacy(claims) ?? bound(claims)
  return token && NAME.test(token.namespace) && NAME.test(token.name) ? token : undefined
}

/** No account has another, and a claim is what its writer says. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

function legacy(claims: JsonObject): AccountToken | undefined {
  const namespace = string(field(claims, `${LEGACY}namespace`))
  const name = string(field(claims, `${LEGACY}service-account.name`))
  if (!namespace || !name) return undefined
  const secret = string(field(claims, `${LEGACY}secret.name`))
  return {
    namespace,
    name,
    uid: string(field(claims, `${LEGACY}service-account.uid`)),
    boundTo: secret ? { kind: 'Secret', name: secret, uid: undefined } : undefined,
    until: 'never',
    isForApiServer: 'yes',
  }
}

function bound(claims: JsonObject): AccountToken | undefined {
  const own = field(claims, 'kubernetes.io')
  const namespace = string(field(own, 'namespace'))
  const name = string(at(own, 'serviceaccount', 'name'))
  if (!namespace || !name) return undefined
  const pod = string(at(own, 'pod', 'name'))
  const secret = string(at(own, 'secret', 'name'))
  const node = string(at(own, 'node', 'name'))
  const until = number(field(claims, 'exp'))
  const audience = field(claims, 'aud')
  const audiences = [audience, ...list(audience)].flatMap((each) => string(each) ?? [])
  return {
    namespace,
    name,
    uid: string(at(own, 'serviceaccount', 'uid')),
    // A token of a pod names the node as well, and does not end with it.
    boundTo: pod
      ? { kind: 'Pod', name: pod, uid: string(at(own, 'pod', 'uid')) }
      : secret
        ? { kind: 'Secret', name: secret, uid: string(at(own, 'secret', 'uid')) }
        : node
          ? { kind: 'Node', name: node, uid: string(at(own, 'node', 'uid')) }
          : undefined,
    until: until === undefined ? 'never' : until * 1000,
    isForApiServer: isForApiServer(audiences, string(field(claims, 'iss'))),
  }
}

/** The API server's own names, unless it is told others. */
const OWN =
  /^(?:https:\/\/kubernetes(?:\.default)?(?:\.svc)?(?:\.[a-z0-9.-]{1,200})?|kubernetes(?:\.svc\.default|\.default\.svc)?|api)$/
/** Of those who take tokens of service accounts besides it: clouds, meshes, stores of secrets. */
const OTHERS =
  /^(?:sts\.amazonaws\.com(?:\.cn)?|pods\.eks\.amazonaws\.com|api:\/\/AzureADTokenExchange|[a-z0-9:.-]{1,200}\.svc\.id\.goog|(?:https:)?\/\/iam\.googleapis\.com\/.{0,300}|istio-ca|vault|sigstore)$/

function isForApiServer(audiences: readonly string[], issuer: string | undefined): AccountToken['isForApiServer'] {
  if (audiences.length === 0 || audiences.some((each) => each === issuer || OWN.test(each))) return 'yes'
  return audiences.every((each) => OTHERS.test(each)) ? 'no' : 'unknown'
}

/** The tokens of service accounts that lie in a text, told from other JSON Web Tokens by their claims. */
export function accountTokensIn(text: string): readonly AccountToken[] {
  const found: AccountToken[] = []
  for (let from = text.indexOf('eyJ'); from >= 0 && found.length < MOST_TOKENS; ) {
    let to = from
    while (to < text.length && to - from < 2 * MOST_TEXT && isOfToken(text.charCodeAt(to))) to++
    let end = to
    while (text.charCodeAt(end - 1) === DOT) end--
    const token = accountToken(text.slice(from, end))
    if (token) found.push(token)
    from = text.indexOf('eyJ', Math.max(to, from + 3))
  }
  return found
}

/** Letters, digits, `-`, `_` and the dots between. */
function isOfToken(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 45 ||
    code === 95 ||
    code === DOT
  )
}
