import { at, field, type Json, list, string } from '../json.ts'
import { parseYaml } from '../yaml.ts'

/** One user of a kubeconfig, with the clusters that its contexts pair it with (all, where no context names it). */
export interface KubeconfigUser {
  readonly name: string
  /** PEM; of one whose key lies elsewhere, nothing. */
  readonly certificate: string | undefined
  readonly token: string | undefined
  /** The command, or the provider, that is asked for its credential, and is given a secret here. */
  readonly plugin: string | undefined
  readonly clusters: readonly KubeconfigCluster[]
}

export interface KubeconfigCluster {
  readonly server: string
  /** PEM. */
  readonly authority: string | undefined
}

const MOST_TEXT = 1024 ** 2
const MOST = 1_000

const CREDENTIALS = ['client-key-data', 'token', 'exec', 'auth-provider']

/** What `kubectl config view` and templates write in place of a value. */
const PLACEHOLDER =
  /^(?:REDACTED|DATA\+OMITTED|\$\{?[A-Za-z_][\w.:-]{0,100}\}?|\$\([\w.-]{1,100}\)|\{\{[^}]{0,200}\}\}|<[^<>]{0,200}>|__\w{1,100}__|%\w{1,100}%|x+|\*+|\.\.\.)$/i

/** Whether a text has the words of one that holds a credential: cheap, and asked of every text there is. */
export function mayBeKubeconfig(text: string): boolean {
  const has = (key: string): boolean => text.includes(key)
  return has('users') && has('clusters') && has('server') && CREDENTIALS.some(has)
}

/**
 * The users of a kubeconfig (client-go tools/clientcmd/api/v1) that it holds a credential of; undefined for a text that is
 * none. What it takes from files is not in it. Names and passwords are taken by no API server since 1.19.
 */
export function kubeconfigUsers(text: string): readonly KubeconfigUser[] | undefined {
  if (text.length > MOST_TEXT || !mayBeKubeconfig(text)) return undefined
  const parsed = parseYaml(text)
  if (parsed.problem) return undefined
  const clusters = new Map(
    list(field(parsed.value, 'clusters'))
      .slice(0, MOST)
      .map((each): [string, KubeconfigCluster] => [
        string(field(each, 'name')) ?? '',
        {
          server: string(at(each, 'cluster', 'server')) ?? '',
          authority: decoded(string(at(each, 'cluster', 'certificate-authority-data'))),
        },
      ]),
  )
  const contexts = list(field(parsed.value, 'contexts')).slice(0, MOST)
  return list(field(parsed.value, 'users'))
    .slice(0, MOST)
    .flatMap((each): readonly KubeconfigUser[] => {
      const name = string(field(each, 'name')) ?? ''
      const user = field(each, 'user')
      const hasKey = writtenIn(field(user, 'client-key-data')) !== undefined
      const certificate = hasKey ? decoded(writtenIn(field(user, 'client-certificate-data'))) : undefined
      const token = writtenIn(field(user, 'token'))
      const plugin = pluginOf(user)
      if (certificate === undefined && token === undefined && plugin === undefined) return []
      const own = contexts.filter((context) => string(at(context, 'context', 'user')) === name)
      const paired = own.flatMap((context) => clusters.get(string(at(context, 'context', 'cluster')) ?? '') ?? [])
      return [{ name, certificate, token, plugin, clusters: own.length > 0 ? paired : [...clusters.values()] }]
    })
}

function writtenIn(value: Json | undefined): string | undefined {
  const text = string(value)?.trim()
  return text === undefined || text === '' || PLACEHOLDER.test(text) ? undefined : text
}

const SECRET_NAME = /secret|password|passwd|token|private[-_]?key|api[-_]?key/i
const NO_VALUE = /file|path|dir|url|uri|endpoint|audience|name/i
const PROVIDED: readonly string[] = ['access-token', 'refresh-token', 'id-token', 'client-secret']

/**
 * A plugin that asks as whoever runs it (`aws eks get-token`, `gke-gcloud-auth-plugin`) gives a reader nothing: it counts where a
 * secret of its own stands in the kubeconfig.
 */
function pluginOf(user: Json | undefined): string | undefined {
  const isSecret = (name: string, value: Json | undefined): boolean =>
    SECRET_NAME.test(name) && !NO_VALUE.test(name) && writtenIn(value) !== undefined
  const args = list(at(user, 'exec', 'args'))
    .slice(0, MOST)
    .map((each) => string(each) ?? '')
  const isGiven =
    list(at(user, 'exec', 'env'))
      .slice(0, MOST)
      .some((each) => isSecret(string(field(each, 'name')) ?? '', field(each, 'value'))) ||
    args.some((each, index) => {
      const [name = '', ...value] = each.split('=')
      return name.startsWith('-') && isSecret(name, value.length > 0 ? value.join('=') : (args[index + 1] ?? ''))
    })
  if (isGiven) return string(at(user, 'exec', 'command'))
  const provider = at(user, 'auth-provider', 'config')
  return PROVIDED.some((key) => writtenIn(field(provider, key)) !== undefined)
    ? string(at(user, 'auth-provider', 'name'))
    : undefined
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined || base64 === '' ? undefined : Buffer.from(base64, 'base64').toString('latin1')
}
