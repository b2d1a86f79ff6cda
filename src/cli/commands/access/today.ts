import { eksOf } from '../../../cluster/cloud/eks.ts'
import type { CloudExports } from '../../../cluster/cloud/exports.ts'
import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import { CloudAccess } from '../../../engines/access/used/cloud-grants.ts'
import { cloudGrants } from '../../../engines/cloud/authorizers.ts'
import type { Input } from '../../../observe/files/read.ts'
import { cloudOf } from '../../cloud.ts'
import { EXIT } from '../../exit.ts'
import { readCluster, tellVersion } from '../../read.ts'
import type { IdentityFlags } from './register.ts'

export interface Today {
  readonly cluster: Cluster
  /** What clouds grant beside RBAC; undefined without `--cloud`. */
  readonly cloud: CloudAccess | undefined
  /** Undefined where no file was named: nothing is known but Kubernetes' own defaults. */
  readonly input: Input | undefined
  readonly code: number
}

/** The cluster of `-f`, and what `--cloud` says of it; of commands that can do without. */
export async function today(flags: IdentityFlags, doing: string): Promise<Today> {
  const { cluster, input, code: read } = await clusterOf(flags, doing)
  const { cloud, code: exported } = await cloudOf(flags)
  return { cluster, input, cloud: cloud && cloudAccess(cluster, cloud), code: Math.max(read, exported) }
}

/** The grants of clouds, and as whom their principals are let in. */
export function cloudAccess(cluster: Cluster, cloud: CloudExports): CloudAccess {
  return new CloudAccess(cloudGrants(cluster, cloud), eksOf(cluster, cloud)?.mappings ?? [])
}

async function clusterOf(flags: IdentityFlags, doing: string): Promise<Omit<Today, 'cloud'>> {
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
