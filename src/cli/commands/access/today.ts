import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import type { Input } from '../../../observe/files/read.ts'
import { EXIT } from '../../exit.ts'
import { readCluster, tellVersion } from '../../read.ts'
import type { IdentityFlags } from './register.ts'

export interface Today {
  readonly cluster: Cluster
  /** Undefined where no file was named: nothing is known but Kubernetes' own defaults. */
  readonly input: Input | undefined
  readonly code: number
}

/** The cluster of `-f`; of commands that can do without. */
export async function today(flags: IdentityFlags, doing: string): Promise<Today> {
  const version = flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }
  if ((flags.filename ?? []).length === 0)
    return { cluster: buildCluster({ objects: [], ...version }), input: undefined, code: EXIT.ok }
  const { input, result, code } = await readCluster(flags, doing, (read) =>
    buildCluster({
      objects: read.objects,
      listed: read.listed,
      locate: read.locate,
      ...(read.serverVersion === undefined ? {} : { serverVersion: read.serverVersion }),
      ...version,
    }),
  )
  if (flags.quiet !== true) tellVersion(result.version.minor)
  return { cluster: result, input, code }
}
