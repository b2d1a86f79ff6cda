import type { Atom } from './atom.ts'

/** For people: `get pods.exec in shop`, `list nodes`, `get /metrics`. */
export function atomText({ verb, group, resource, namespace, url }: Omit<Atom, 'names'>): string {
  if (resource === '') return `${verb} ${url}`
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${namespace === '' ? '' : ` in ${namespace}`}`
}
