import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { UsageError } from './exit.ts'

/** A file of the user's as it shall be. */
export interface Replacement {
  readonly name: string
  readonly content: Buffer
  /** Why it can no longer be replaced, asked at the last moment. Undefined: it is a new file. */
  readonly refusal?: () => string | undefined
}

/** Replaces files and makes new ones: all, or none. No link leads outside of what was named, and no file is lost. */
export function replaceFiles(
  files: readonly Replacement[],
  named: readonly string[],
  /** Another one in tests. */
  rename: (from: string, to: string) => void = renameSync,
): void {
  const roots = named.flatMap(rootOf)
  const jobs = files.map((file) => ({
    ...file,
    target: file.refusal ? targetOf(file.name, roots) : newFile(file.name),
  }))
  for (const [at, { name, target }] of jobs.entries()) {
    const twin = jobs.slice(0, at).find((each) => each.target === target)
    if (twin) throw new UsageError(`${twin.name} and ${name} are the same file; give only one of them to -f`)
  }
  const scraps = new Set<string>()
  const scrap = (target: string, extension: string): string => {
    const name = join(dirname(target), `.bulkhead-${randomBytes(8).toString('hex')}.${extension}`)
    scraps.add(name)
    return name
  }
  const undo: { readonly name: string; readonly backup?: string; act(): void }[] = []
  let name = ''
  try {
    const temporary = new Map<string, string>()
    for (const { target, content, refusal, ...job } of jobs) {
      name = job.name
      if (!refusal) continue
      const next = scrap(target, 'new')
      temporary.set(target, next)
      writeFileSync(next, content, { flag: 'wx', mode: 0o600, flush: true })
      takeOver(next, statSync(target))
    }
    for (const job of jobs) {
      const why = job.refusal?.()
      if (why !== undefined) throw new UsageError(`${job.name}: ${why}; no file was changed`)
    }
    for (const { target, content, ...job } of jobs) {
      name = job.name
      const next = temporary.get(target)
      if (next === undefined) {
        closeSync(openSync(target, 'wx'))
        undo.push({ name, act: () => rmSync(target) })
        writeFileSync(target, content, { flush: true })
      } else {
        const backup = scrap(target, 'old')
        keep(target, backup)
        rename(next, target)
        undo.push({ name, backup, act: () => renameSync(backup, target) })
      }
    }
  } catch (error) {
    const lost: string[] = []
    for (const each of undo.reverse())
      try {
        each.act()
      } catch {
        if (each.backup !== undefined) scraps.delete(each.backup)
        lost.push(`${each.name}${each.backup === undefined ? '' : ` (as it was: ${each.backup})`}`)
      }
    if (error instanceof UsageError) throw error
    const rest = lost.length === 0 ? 'no file was changed' : `these could not be restored: ${lost.join(', ')}`
    throw new UsageError(`${name}: cannot write: ${(error as Error).message}; ${rest}`)
  } finally {
    for (const each of scraps) rmSync(each, { force: true })
  }
}

/** A second name of the file as it is; a copy where there are no second names. */
function keep(target: string, backup: string): void {
  try {
    linkSync(target, backup)
  } catch {
    copyFileSync(target, backup, constants.COPYFILE_EXCL)
  }
}

function takeOver(file: string, { mode, uid, gid }: Stats): void {
  try {
    chownSync(file, uid, gid)
  } catch {
    // Only who owns it, or root, can give it away.
  }
  chmodSync(file, mode & 0o777)
}

/** What a link may lead to: what is in a folder that was named, or a file that was. */
function rootOf(name: string): readonly string[] {
  const info = lstatSync(name, { throwIfNoEntry: false })
  if (!info) return []
  return info.isSymbolicLink() && !statSync(name, { throwIfNoEntry: false })?.isDirectory() ? [] : [realpathSync(name)]
}

export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** The file that a name stands for, which can be replaced. */
function targetOf(name: string, roots: readonly string[]): string {
  try {
    const target = realpathSync(name)
    if (lstatSync(name).isSymbolicLink() && !roots.some((root) => isInside(target, root)))
      throw new UsageError(`${name} is a link to ${target}, which is outside of what -f names; name that file itself`)
    const info = statSync(target)
    if (!info.isFile()) throw new UsageError(`${name} is no regular file and cannot be changed in place`)
    if ((info.mode & 0o222) === 0) throw new UsageError(`${name}: cannot write: it is read-only; no file was changed`)
    accessSync(target, constants.W_OK)
    accessSync(dirname(target), constants.W_OK | constants.X_OK)
    return target
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${name}: cannot write: ${(error as Error).message}; no file was changed`)
  }
}

/** Of a link that leads nowhere, `existsSync` would say that there is nothing. */
export function isThere(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false }) !== undefined
}

function newFile(name: string): string {
  const info = lstatSync(name, { throwIfNoEntry: false })
  if (info?.isSymbolicLink())
    throw new UsageError(`${name} is a link that was not read, and nothing is written through it`)
  if (info)
    throw new UsageError(`${name} is there already and was not read; name it with -f as well, or scan its folder`)
  try {
    accessSync(dirname(name), constants.W_OK | constants.X_OK)
    return join(realpathSync(dirname(name)), basename(name))
  } catch (error) {
    throw new UsageError(`${name}: cannot write: ${(error as Error).message}; no file was changed`)
  }
}

/** Writes files below a folder, which may be a link that the user named; below it none is followed. */
export function writeBelow(folder: string, files: ReadonlyMap<string, string>): void {
  let name = folder
  try {
    checkFolder(resolve(folder))
    for (const file of files.keys()) {
      name = join(folder, file)
      const place = file === basename(file) ? undefined : lstatSync(dirname(name), { throwIfNoEntry: false })
      const old = lstatSync(name, { throwIfNoEntry: false })
      if (place && !place.isDirectory())
        throw new UsageError(`${dirname(name)}: cannot write: it is a link, or no folder`)
      if (old && !old.isFile()) throw new UsageError(`${name}: cannot write: it is a link, or no regular file`)
    }
    for (const [file, text] of files) {
      name = join(folder, file)
      makeFolder(resolve(dirname(name)))
      const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
      const handle = openSync(name, O_WRONLY | O_CREAT | O_TRUNC | (O_NOFOLLOW ?? 0))
      try {
        writeFileSync(handle, text)
      } finally {
        closeSync(handle)
      }
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${name}: cannot write: ${(error as Error).message}`)
  }
}

/** The nearest folder that exists is one that can be written to. */
function checkFolder(folder: string): void {
  let at = folder
  while (!isThere(at) && dirname(at) !== at) at = dirname(at)
  if (!statSync(at).isDirectory()) throw new UsageError(`${at}: cannot write: it is no folder`)
  accessSync(at, constants.W_OK | constants.X_OK)
}

/** One by one: of some file systems Node's recursive `mkdir` never returns (/proc). */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  mkdirSync(folder)
}
