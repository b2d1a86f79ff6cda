import { readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { type ApplicationConfig, decodeApplicationConfig, onlyKeys } from '../cluster/application/config.ts'
import { field, isObject, type Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { type Analysis, analyse, type Options } from '../loop.ts'
import { EQUAL, parseWeights, type Weights } from '../radius/weights.ts'
import { UsageError } from './exit.ts'
import { readCluster, tellVersion } from './read.ts'
import type { CommonFlags } from './run.ts'

/** Reads what the flags name and judges it; tells on standard error what could not be read. */
export async function analyseInput(
  flags: CommonFlags,
): Promise<{ analysis: Analysis; options: Options; code: number }> {
  const options = settings(flags, flags.filename ?? [])
  const { result: analysis, code } = await readCluster(flags, 'Judging', (input) => analyse(input, options))
  if (flags.quiet !== true) tellVersion(analysis.cluster.version.minor)
  return { analysis, options, code }
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

/** What is scanned never configures the scan (SECURITY.md). */
function settingsFile(name: string, scanned: readonly string[]): Json {
  const path = resolve(name)
  const inside = scanned.find(
    (each) => each !== '-' && (path === resolve(each) || path.startsWith(resolve(each) + sep)),
  )
  if (inside !== undefined)
    throw new UsageError(
      `${name} lies inside ${inside}, which is being scanned; what is scanned must not configure the scan (--trust-tree lets it)`,
    )
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`)
  }
  const parsed = parseYaml(text)
  if (parsed.problem) throw new UsageError(`${name}:${parsed.problem.line + 1}: ${parsed.problem.message}`)
  return parsed.value
}
