import { type ApplicationConfig, decodeApplicationConfig, onlyKeys } from '../cluster/application/config.ts'
import { field, isObject } from '../cluster/json.ts'
import { type Analysis, analyse, type Options } from '../loop.ts'
import { EQUAL, parseWeights, type Weights } from '../radius/weights.ts'
import { cloudOf } from './cloud.ts'
import { UsageError } from './exit.ts'
import type { CommonFlags } from './options.ts'
import { readCluster, tellVersion } from './read.ts'
import { settingsFile } from './settings.ts'

/** Reads what the flags name and judges it; tells on standard error what could not be read. */
export async function analyseInput(
  flags: CommonFlags,
): Promise<{ analysis: Analysis; options: Options; code: number }> {
  const { cloud, code: told } = await cloudOf(flags)
  const options = { ...settings(flags, flags.filename ?? []), ...(cloud ? { cloud } : {}) }
  const { result: analysis, code } = await readCluster(flags, 'Judging', (input) => analyse(input, options))
  if (flags.quiet !== true) tellVersion(analysis.cluster.version.minor)
  return { analysis, options, code: Math.max(code, told) }
}

function settings(flags: CommonFlags, scanned: readonly string[]): Options {
  const untrusted = flags.trustTree === true ? [] : scanned
  return {
    enforced: flags.enforced,
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
    ...(flags.weights === undefined ? {} : { weights: weightsOf(flags.weights, untrusted) }),
    ...(flags.config === undefined ? {} : { applications: configOf(flags.config, untrusted) }),
  }
}

function weightsOf(name: string, scanned: readonly string[]): Weights {
  if (name === 'equal') return EQUAL
  const weights = parseWeights(settingsFile(name, scanned))
  if (typeof weights === 'string') throw new UsageError(`${name}: ${weights}`)
  return weights
}

function configOf(name: string, scanned: readonly string[]): ApplicationConfig {
  const file = settingsFile(name, scanned)
  if (!isObject(file)) throw new UsageError(`${name}: not a mapping with the key applications`)
  const problems: string[] = []
  onlyKeys(file, ['applications'], '', (_, problem) => problems.push(problem.slice(2)))
  const { config, problems: more } = decodeApplicationConfig(field(file, 'applications'))
  problems.push(...more)
  if (problems.length > 0) throw new UsageError(`${name}: ${problems.join('; ')}`)
  return config
}
