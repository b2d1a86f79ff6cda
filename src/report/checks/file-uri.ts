import { isAbsolute, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How files are named where code hosts look for them: relative to a root, with slashes. */
export interface FileNames {
  /** Undefined for what is outside the root or no file. */
  relative(file: string): string | undefined
  uri(file: string): string
}

/** `root`: the absolute path of the checkout, for most the working directory. */
export function fileNames(root: string): FileNames {
  const inside = (file: string): string | undefined => {
    const path = relative(root, resolve(root, file))
    return path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
      ? undefined
      : path.split(sep).join('/')
  }
  return {
    relative: inside,
    uri: (given) => {
      const file = given.toWellFormed()
      const path = inside(file)
      return path === undefined
        ? pathToFileURL(resolve(root, file)).href
        : path.split('/').map(encodeURIComponent).join('/')
    },
  }
}
