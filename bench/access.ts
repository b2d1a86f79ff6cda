import { accessOf } from '../src/access.ts'
import { buildCluster } from '../src/cluster/cluster.ts'
import { whoCan } from '../src/engines/access/questions/who-can.ts'
import { questionOf } from '../src/engines/access/questions/words.ts'
import { readInputs } from '../src/observe/files/read.ts'

/** CPU seconds of `who-can get secrets` over all namespaces, and of reading and indexing before it: the least of some runs. */
export async function access(file: string, runs: number): Promise<{ readonly load: number; readonly ask: number }> {
  let load = Number.POSITIVE_INFINITY
  let ask = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    const start = process.cpuUsage()
    const { objects } = await readInputs([file])
    const cluster = buildCluster({ objects })
    const view = accessOf({ cluster, asOf: 0 })
    const loaded = process.cpuUsage()
    const { holders } = whoCan(view, questionOf({ verb: 'get', resource: 'secrets' }, cluster, 'each'))
    const asked = process.cpuUsage()
    if (holders.length === 0) throw new Error('nobody may get secrets')
    load = Math.min(load, seconds(start, loaded))
    ask = Math.min(ask, seconds(loaded, asked))
  }
  return { load, ask }
}

function seconds(from: NodeJS.CpuUsage, to: NodeJS.CpuUsage): number {
  return (to.user - from.user + to.system - from.system) / 1e6
}
