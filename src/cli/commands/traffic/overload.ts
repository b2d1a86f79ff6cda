import { overloadOf } from '../../../engines/traffic/overload/overload.ts'
import { routesOf } from '../../../engines/traffic/routes/routes.ts'
import { availabilityOf } from '../../../radius/availability.ts'
import { witness } from '../../../report/evidence.ts'
import { jsonLines } from '../../../report/json.ts'
import { trafficOverload } from '../../../report/traffic/overload.ts'
import { overloadScreen } from '../../../report/traffic/overload-screen.ts'
import { yamlText } from '../../../report/yaml.ts'
import { weightsOf } from '../../analyse.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { readTraffic } from './cluster.ts'
import type { TrafficFlags } from './register.ts'

const FORMATS = ['table', 'json', 'yaml'] as const

/** What one noisy client, one pod, one runaway deployment or one identity can exhaust. */
export async function overload(flags: TrafficFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const weights = weightsOf(flags)
  const { cluster, known, parts, code } = await readTraffic(flags, 'Judging')
  const applications = parts.applications()
  const found = overloadOf(cluster, known, routesOf(cluster, known), availabilityOf(applications, weights))
  const document = trafficOverload(found, applications, witness(cluster.locate))
  for (const target of targets) {
    const pieces =
      target.format === 'json'
        ? jsonLines(document)
        : target.format === 'yaml'
          ? [yamlText(document)]
          : [...overloadScreen(document, terminal(process.stdout, target.file !== undefined))].map(
              (line) => `${line}\n`,
            )
    await write(pieces, target)
  }
  return code
}
