import { buildCluster } from '../../src/cluster/cluster.ts'
import { openHistory } from '../../src/history/files.ts'

/** Reads audit logs alone, every field of each request, and prints `[requests, unread, CPU seconds, peak MiB]`. */
const history = await openHistory(process.argv.slice(2), { cluster: buildCluster({ objects: [] }) })
let sum = 0
for await (const batch of history.accesses({ passing: true }))
  for (const { user, groups, verb, group, resource, namespace, name, reason, sources, credential } of batch)
    sum +=
      user.length +
      groups.length +
      verb.length +
      group.length +
      resource.length +
      namespace.length +
      name.length +
      reason.length +
      sources.length +
      credential.length
if (sum === 0) throw new Error('nothing was read')
const { user, system } = process.cpuUsage()
const [source] = history.coverage().sources
const peakMiB = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify([source?.records, source?.unread, (user + system) / 1e6, Math.round(peakMiB)]))
