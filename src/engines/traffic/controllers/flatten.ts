import { isObject, type Json, type Path } from '../../../cluster/json.ts'

const MOST_DEPTH = 12
const MOST_VALUES = 5_000

/**
 * The scalars of a document by their dotted keys; a list of scalars is one text with commas, as flags write it; what is
 * written and empty is `{}`.
 */
export function flatten(value: Json | undefined, prefix = ''): readonly (readonly [string, string, Path])[] {
  const found: [string, string, Path][] = []
  const walk = (here: Json | undefined, name: string, path: Path): void => {
    if (here === undefined || here === null || path.length > MOST_DEPTH || found.length >= MOST_VALUES) return
    if (typeof here !== 'object') found.push([name, String(here), path])
    else if (isObject(here) && name !== '' && Object.keys(here).length === 0) found.push([name, '{}', path])
    else if (isObject(here))
      for (const key of Object.keys(here)) walk(here[key], name === '' ? key : `${name}.${key}`, [...path, key])
    else if (here.every((each) => each !== null && typeof each !== 'object'))
      found.push([name, here.map(String).join(','), path])
    else for (const [index, each] of here.entries()) walk(each, `${name}.${index}`, [...path, index])
  }
  walk(value, prefix, [])
  return found
}
