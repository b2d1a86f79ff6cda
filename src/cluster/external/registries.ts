import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, list, string } from '../json.ts'
import { idOf } from '../object.ts'

/** A credential for a registry: nodes use it to pull for a workload, and who reads the Secret has it too. */
export interface RegistryCredential {
  /** The id of the Secret, whether or not it is in the input. */
  readonly secret: string
  readonly registry: string
  readonly workloads: readonly string[]
  readonly because: readonly Because[]
}

/** The registry of an image reference, as containerd reads it: the first part is a host when it looks like one. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost'
  return isHost && first !== 'docker.io' && first !== 'index.docker.io' ? first.toLowerCase() : 'docker.io'
}

/** Which registry a pull secret is for, by the images it is used with: its content was dropped, and is not needed. */
export function registryCredentials(cluster: Cluster): readonly RegistryCredential[] {
  const found = new Map<string, { secret: string; registry: string; workloads: Set<string>; because: Because[] }>()
  for (const workload of cluster.workloads) {
    for (const { pod, object } of workload.specs) {
      const account = cluster.get(idOf('ServiceAccount', workload.namespace, pod.serviceAccountName))
      const ofAccount = list(at(account?.body, 'imagePullSecrets')).flatMap((each) => string(field(each, 'name')) ?? [])
      // Admission adds the account's pull secrets only to a pod that has none of its own.
      const isOwn = pod.imagePullSecrets.length > 0
      for (const name of isOwn ? pod.imagePullSecrets : ofAccount) {
        const secret = idOf('Secret', workload.namespace, name)
        for (const container of pod.containers) {
          const registry = registryOf(container.image)
          const key = `${secret} ${registry}`
          const why = because(
            `pulls ${registry} images with ${name}`,
            isOwn ? object : account,
            isOwn ? [...pod.path, 'imagePullSecrets'] : ['imagePullSecrets'],
          )
          const known = found.get(key) ?? { secret, registry, workloads: new Set<string>(), because: [] }
          if (!known.workloads.has(workload.id) && known.because.length < MAX_BECAUSE) known.because.push(why)
          known.workloads.add(workload.id)
          found.set(key, known)
        }
      }
    }
  }
  return [...found.values()]
    .map(({ workloads, ...rest }) => ({ ...rest, workloads: [...workloads].sort() }))
    .sort((a, b) => (`${a.secret} ${a.registry}` < `${b.secret} ${b.registry}` ? -1 : 1))
}

const MAX_BECAUSE = 5
