import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import type { Known } from '../../../engines/known.ts'
import { knownOf, type Parts, partsOf } from '../../../known.ts'
import type { Input } from '../../../observe/files/read.ts'
import { configOf } from '../../analyse.ts'
import type { CommonFlags } from '../../options.ts'
import { readCluster, tellVersion } from '../../read.ts'

/** What the commands of traffic share: the cluster, what engines know of it, and the code of what could not be read. */
export interface TrafficInput {
  readonly input: Input
  readonly cluster: Cluster
  readonly known: Known
  readonly parts: Parts
  readonly code: number
}

/** Reads what the flags name; tells on standard error what could not be read. */
export async function readTraffic(flags: CommonFlags, doing: string): Promise<TrafficInput> {
  const applications = configOf(flags)
  const {
    input,
    result: cluster,
    code,
  } = await readCluster(flags, doing, (read) =>
    buildCluster({
      objects: read.objects,
      listed: read.listed,
      locate: read.locate,
      ...(read.serverVersion === undefined ? {} : { serverVersion: read.serverVersion }),
      ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
    }),
  )
  if (flags.quiet !== true) tellVersion(cluster.version.minor)
  const parts = partsOf(cluster, {
    enforced: flags.enforced,
    ...(applications ? { applications } : {}),
  })
  return { input, cluster, known: knownOf(cluster, parts), parts, code }
}
