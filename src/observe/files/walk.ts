import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { type Problem, problem } from '../../errors.ts'
import { reason } from './source.ts'

/** What `-f` named, resolved to files. */
export interface Walk {
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
  /** Folders that hold subfolders which were not read because `-R` was not given. */
  readonly notRead: readonly string[]
}

/** kubectl reads these of a folder (cli-runtime resource.FileExtensions), and we read them compressed as well. */
const EXTENSION = /\.(json|ya?ml)(\.gz)?$/

/**
 * The files of one `-f` argument, in the order in which `kubectl apply` would take them. A link is followed when it
 * stays inside the folder that was named; folders behind links and special files are not read.
 */
export async function walk(argument: string, recursive: boolean): Promise<Walk> {
  let info: Awaited<ReturnType<typeof stat>>
  try {
    info = await stat(argument)
  } catch (error) {
    return {
      files: [],
      notRead: [],
      problems: [problem('BH_READ', { why: reason(error) }, { file: argument })],
    }
  }
  if (!info.isDirectory()) return { files: [argument], problems: [], notRead: [] }
  const found = { files: [] as string[], problems: [] as Problem[], notRead: [] as string[] }
  const root = await realpath(argument)
  await walkFolder(argument, root, recursive || (await isDump(argument)), found)
  return found
}

async function walkFolder(
  folder: string,
  root: string,
  recursive: boolean,
  found: { files: string[]; problems: Problem[]; notRead: string[] },
): Promise<void> {
  let names: string[]
  try {
    names = (await readdir(folder)).sort()
  } catch (error) {
    found.problems.push(problem('BH_READ', { why: reason(error) }, { file: folder }))
    return
  }
  for (const name of names) {
    const path = join(folder, name)
    const info = await lstat(path).catch(() => undefined)
    if (!info) continue
    if (info.isDirectory()) {
      if (recursive) await walkFolder(path, root, recursive, found)
      else found.notRead.push(path)
    } else if (EXTENSION.test(name)) {
      if (info.isFile() || (info.isSymbolicLink() && (await isFileInside(path, root)))) found.files.push(path)
      else found.problems.push(problem('BH_NOT_REGULAR', {}, { file: path }))
    }
  }
}

async function isFileInside(link: string, root: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined)
  if (target === undefined || !resolve(target).startsWith(root + sep)) return false
  return (await stat(target)).isFile()
}

/** A folder that `kubectl cluster-info dump` or a support bundle wrote is one cluster and is always read whole. */
async function isDump(folder: string): Promise<boolean> {
  const names = new Set(await readdir(folder).catch(() => []))
  if (names.has('cluster-resources')) return true
  if (!names.has('nodes.json') && !names.has('nodes.yaml')) return false
  for (const name of names) {
    const inner = await readdir(join(folder, name)).catch(() => [])
    if (inner.some((each) => /^(pods|services|events)(\.(json|yaml)|)$/.test(each))) return true
  }
  return names.has('namespaces.json') && names.has('pods')
}
