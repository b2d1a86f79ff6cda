import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOf, type PolicyCheck } from '../../src/engines/policy/check.ts'
import { inProfile, PROFILES, type Profile } from '../../src/engines/policy/selection.ts'
import { readCatalogue } from '../../src/observe/catalogue.ts'

/** A folder of `policies/`. */
export interface CheckFolder {
  readonly check: PolicyCheck
  readonly profiles: readonly Profile[]
  /** Of a Pod Security control that has changed its meaning, the first policy versions and files of all texts, oldest first. */
  readonly versions: readonly { readonly since: number; readonly file: string }[]
  readonly policy: string
  readonly page: string
  readonly good: string
  readonly bad: string
  readonly fix: string | undefined
  readonly params: string | undefined
}

const ROOT = fileURLToPath(new URL('../../policies', import.meta.url))

/** All of `policies/`, by id. */
export function readFolders(): readonly CheckFolder[] {
  const checks = readCatalogue().policies.map(checkOf)
  const newest = checks.filter(({ id, policy }) => id === policy.name)
  const overridden = new Set(newest.flatMap(({ podSecurity }) => podSecurity?.overrides ?? []))
  return newest.map((check) => {
    const part = (name: string): string => readFileSync(join(ROOT, check.id, name), 'utf8')
    const perhaps = (name: string): string | undefined =>
      existsSync(join(ROOT, check.id, name)) ? part(name) : undefined
    return {
      check,
      profiles: PROFILES.filter((profile) => inProfile(check, profile, overridden)),
      versions: checks
        .filter(({ id, podSecurity }) => id === check.id && podSecurity !== undefined)
        .map(({ podSecurity, policy }) => ({
          since: podSecurity?.since ?? 0,
          file:
            policy.name === check.id
              ? 'policy.yaml'
              : `policy${policy.name.slice(check.id.length).replace('-', '.')}.yaml`,
        }))
        .sort((a, b) => a.since - b.since),
      policy: part('policy.yaml'),
      page: part('page.md'),
      good: part('good.yaml'),
      bad: part('bad.yaml'),
      fix: perhaps('fix.yaml'),
      params: perhaps('params.yaml'),
    }
  })
}
