import { idParts } from '../cluster/object.ts'

/** For people: `ServiceAccount shop/ci`, `User alice`. */
export function formatId(id: string): string {
  const { kind, namespace, name } = idParts(id)
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** `2026-11-21 14:02`, UTC. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
