import { type ApplicationConfig, decodeApplicationConfig, onlyKeys } from '../cluster/application/config.ts'
import { field, isObject } from '../cluster/json.ts'
import { type Analysis, analyse, type Options } from '../loop.ts'
import { EQUAL, parseWeights, SHIPPED, type Weights } from '../radius/weights.ts'
import { cloudOf } from './cloud.ts'
import { directoryOf } from './directory.ts'
import { UsageError } from './exit.ts'
import type { CommonFlags } from './options.ts'
import { readCluster, tellVersion } from './read.ts'
import { settingsFile } from './settings.ts'

/** Reads what the flags name and judges it; tells on standard error what could not be read. */
export async function analyseInput(
  flags: CommonFlags,
  reading: { readonly mayLack?: boolean } = {},
): Promise<{ analysis: Analysis; options: Options; code: number }> {
  const { cloud, code: told } = await cloudOf(flags)
  const { directory, code: people } = await directoryOf(flags)
  const options = {
    ...settings(flags),
    asOf: Date.now(),
    ...(cloud ? { cloud } : {}),
    ...(directory ? { directory } : {}),
  }
  const { result: analysis, code } = await readCluster(flags, 'Judging', (input) => analyse(input, options), reading)
  if (flags.quiet !== true) tellVersion(analysis.cluster.version.minor)
  return { analysis, options, code: Math.max(code, told, people) }
}

function settings(flags: CommonFlags): Options {
  const config = configOf(flags)
  return {
    enforced: flags.enforced,
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
    ...(flags.weights === undefined ? {} : { weights: weightsOf(flags) }),
    ...(config ? { applications: config } : {}),
  }
}

/** What `--weights` names, else those shipped. */
export function weightsOf({ weights: name, filename, trustTree }: CommonFlags): Weights {
  if (name === undefined) return SHIPPED
  if (name === 'equal') return EQUAL
  const weights = parseWeights(settingsFile(name, trustTree === true ? [] : (filename ?? [])))
  if (typeof weights === 'string') throw new UsageError(`${name}: ${weights}`)
  return weights
}

/** What `--config` names of applications and their owners. */
export function configOf({ config: name, filename, trustTree }: CommonFlags): ApplicationConfig | undefined {
  if (name === undefined) return undefined
  const file = settingsFile(name, trustTree === true ? [] : (filename ?? []))
  if (!isObject(file)) throw new UsageError(`${name}: not a mapping with the key applications`)
  const problems: string[] = []
  onlyKeys(file, ['applications'], '', (_, problem) => problems.push(problem.slice(2)))
  const { config, problems: more } = decodeApplicationConfig(field(file, 'applications'))
  problems.push(...more)
  if (problems.length > 0) throw new UsageError(`${name}: ${problems.join('; ')}`)
  return config
}
