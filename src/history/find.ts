import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { type Problem, problem } from '../errors.ts'
import { reason } from '../observe/files/source.ts'

export interface Found {
  readonly path: string
  /** Named itself, not only its folder. */
  readonly isNamed: boolean
}

/**
 * Files of every name in a folder and the folders in it: rotated logs are called anything. A link is followed when it
 * stays inside the folder that was named; hidden files, folders behind links and special files are not read.
 */
export async function findFiles(path: string, tell: (problem: Problem) => void): Promise<readonly Found[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ path, isNamed: true }]
    const found: Found[] = []
    await findIn(path, await realpath(path), found, tell)
    return found
  } catch (error) {
    tell(problem('BH_READ', { why: reason(error) }, { file: path }))
    return []
  }
}

async function findIn(folder: string, root: string, found: Found[], tell: (problem: Problem) => void): Promise<void> {
  let names: string[]
  try {
    names = (await readdir(folder)).sort()
  } catch (error) {
    tell(problem('BH_READ', { why: reason(error) }, { file: folder }))
    return
  }
  for (const name of names) {
    if (name.startsWith('.')) continue
    const path = join(folder, name)
    const info = await lstat(path).catch(() => undefined)
    if (!info) continue
    if (info.isDirectory()) await findIn(path, root, found, tell)
    else if (info.isFile() || (info.isSymbolicLink() && (await isFileInside(path, root))))
      found.push({ path, isNamed: false })
    else tell(problem('BH_NOT_REGULAR', {}, { file: path }))
  }
}

async function isFileInside(link: string, root: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined)
  if (target === undefined || !resolve(target).startsWith(root + sep)) return false
  return (await stat(target)).isFile()
}
