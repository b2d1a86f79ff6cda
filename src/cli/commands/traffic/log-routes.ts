import type { Cluster } from '../../../cluster/cluster.ts'
import type { Route } from '../../../engines/traffic/routes/route.ts'
import { routesOf } from '../../../engines/traffic/routes/routes.ts'
import type { Input } from '../../../observe/files/read.ts'
import type { CommonFlags } from '../../options.ts'
import { readTraffic } from './cluster.ts'

/** The routes of the cluster on which requests are logged. */
export async function readRoutes(flags: CommonFlags): Promise<{
  readonly routes: readonly Route[]
  readonly cluster: Cluster
  readonly input: Input
  readonly code: number
}> {
  const { cluster, input, known, code } = await readTraffic(flags, 'Reading')
  return { routes: routesOf(cluster, known).filter(({ protocol }) => protocol === 'http'), cluster, input, code }
}
