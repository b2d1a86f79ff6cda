import { at, field, list, string } from '../json.ts'
import { parseYaml } from '../yaml.ts'

/** One user of a kubeconfig, with the clusters that its contexts pair it with (all, where no context names it). */
export interface KubeconfigUser {
  readonly name: string
  /** PEM; of one whose key lies elsewhere, nothing. */
  readonly certificate: string | undefined
  readonly token: string | undefined
  /** Somebody else is asked for its credential: the command, or the name of the provider. */
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

/** Whether a text has the words of one that holds a credential: cheap, and asked of every text there is. */
export function mayBeKubeconfig(text: string): boolean {
  const has = (key: string): boolean => text.includes(`${key}:`) || text.includes(`"${key}"`)
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
      const hasKey = (string(field(user, 'client-key-data')) ?? '') !== ''
      const certificate = hasKey ? decoded(string(field(user, 'client-certificate-data'))) : undefined
      const token = string(field(user, 'token')) || undefined
      const plugin = string(at(user, 'exec', 'command')) ?? string(at(user, 'auth-provider', 'name'))
      if (certificate === undefined && token === undefined && plugin === undefined) return []
      const own = contexts.filter((context) => string(at(context, 'context', 'user')) === name)
      const paired = own.flatMap((context) => clusters.get(string(at(context, 'context', 'cluster')) ?? '') ?? [])
      return [{ name, certificate, token, plugin, clusters: own.length > 0 ? paired : [...clusters.values()] }]
    })
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined || base64 === '' ? undefined : Buffer.from(base64, 'base64').toString('latin1')
}
