import type { Check, Join } from '../../check.ts'
import { passed, undecided } from '../../verdict.ts'
import { exposedWorkloads } from './exposed.ts'

const CHECK: Check = {
  id: 'exposed-vulnerable-image',
  title: 'The internet reaches a workload whose image has known vulnerabilities',
  severity: 'high',
  category: 'security',
  profiles: [],
  aliases: { kubescape: 'C-0083, C-0084' },
  references: ['MITRE ATT&CK T1190'],
}

/** What nobody reaches passes; of what is reached only a vulnerability report could tell, and none is read. */
export const exposedVulnerableImage: Join = {
  check: CHECK,
  *verdicts(cluster) {
    for (const { object, ways } of exposedWorkloads(cluster)) {
      const way = ways.find(({ truth }) => truth === 'yes') ?? ways[0]
      const may = way?.truth === 'yes' ? 'is' : 'may be'
      const message = `${may} reached from the internet, and no vulnerability report of its images is in the input`
      yield way ? undecided(CHECK, object, message, way.because, ['metadata', 'name']) : passed(CHECK, object)
    }
  },
}
