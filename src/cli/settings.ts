import { readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { UsageError } from './exit.ts'

/** Which of the scanned names holds a path, if any. */
export function scannedWith(name: string, scanned: readonly string[]): string | undefined {
  const path = resolve(name)
  return scanned.find(
    (each) => each !== '-' && (path === resolve(each) || path.startsWith(withSeparator(resolve(each)))),
  )
}

const withSeparator = (path: string): string => (path.endsWith(sep) ? path : path + sep)

/** The text of a file of settings. What is scanned never configures the scan (SECURITY.md). */
export function settingsText(name: string, scanned: readonly string[]): string {
  const inside = scannedWith(name, scanned)
  if (inside !== undefined)
    throw new UsageError(
      `${name} lies inside ${inside}, which is being scanned; what is scanned must not configure the scan (--trust-tree lets it)`,
    )
  try {
    return readFileSync(name, 'utf8')
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`)
  }
}

export function settingsFile(name: string, scanned: readonly string[]): Json {
  const parsed = parseYaml(settingsText(name, scanned))
  if (parsed.problem) throw new UsageError(`${name}:${parsed.problem.line + 1}: ${parsed.problem.message}`)
  return parsed.value
}
