import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { KubeObject } from '../cluster/object.ts'
import type { Problem } from '../errors.ts'
import { type Input, readInputs } from './files/read.ts'

/** A folder with a policy and its examples, as those of `policies/` are. */
export interface ExampleFolder {
  readonly folder: string
  /** Of policy.yaml and params.yaml. */
  readonly policy: readonly KubeObject[]
  readonly good: readonly KubeObject[]
  readonly bad: readonly KubeObject[]
  readonly fix: readonly KubeObject[]
  readonly problems: readonly Problem[]
  /** Places in policy.yaml and params.yaml. */
  readonly locate: Input['locate']
  readonly locateFix: Input['locate']
}

const FILES = {
  policy: ['policy.yaml', 'params.yaml'],
  good: ['good.yaml'],
  bad: ['bad.yaml'],
  fix: ['fix.yaml'],
} as const
/** Folders of policies are not deep; what is deeper is no folder of policies. */
const MAX_DEPTH = 20

/** The folders at or below a path that hold a policy.yaml, sorted; links are not followed. Throws what the disk says. */
export function exampleFolders(path: string, depth = 0): readonly string[] {
  if (depth === 0 && !statSync(path).isDirectory()) return []
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const isPolicy = (entry: Dirent): boolean => entry.name === 'policy.yaml' && entry.isFile()
  const own = entries.some(isPolicy) ? [path] : []
  if (depth >= MAX_DEPTH) return own
  const inner = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return [...own, ...inner.flatMap(({ name }) => exampleFolders(join(path, name), depth + 1))]
}

export async function readExamples(folder: string): Promise<ExampleFolder> {
  const there = new Set(readdirSync(folder))
  const read = (names: readonly string[]): Promise<Input> =>
    readInputs(
      names.filter((name) => there.has(name)).map((name) => join(folder, name)),
      { keepAll: true },
    )
  const policy = await read(FILES.policy)
  const good = await read(FILES.good)
  const bad = await read(FILES.bad)
  const fix = await read(FILES.fix)
  return {
    folder,
    policy: policy.objects,
    good: good.objects,
    bad: bad.objects,
    fix: fix.objects,
    problems: [policy, good, bad, fix].flatMap(({ problems }) => problems),
    locate: policy.locate,
    locateFix: fix.locate,
  }
}
