import type { Draft } from '../draft.ts'

type Match = Pick<Draft, 'host' | 'path' | 'match' | 'only'>

const LONGEST = 10_000
const MOST = 100
/** A function of a rule with its arguments: Host(`a.example.com`), PathPrefix(`/api`). */
const CALL = /(!?)\s*\b([A-Za-z]+)\(([^()]{0,2000})\)/g
const HOSTS = new Set(['Host', 'HostSNI', 'HostRegexp', 'HostSNIRegexp', 'HostHeader', 'Headers'])

/** The hosts and paths that a rule of Traefik names; whatever else it asks for is kept as it is written. */
export function parseMatch(text: string): readonly Match[] {
  const hosts: string[] = []
  const paths: Pick<Match, 'path' | 'match'>[] = []
  const rest: string[] = []
  for (const [whole, not, name = '', inside = ''] of text.slice(0, LONGEST).matchAll(CALL)) {
    const names = argumentsOf(inside)
    if (not !== '') rest.push(whole)
    else if (name === 'Path') paths.push(...names.map((path) => ({ path, match: 'exact' as const })))
    else if (name === 'PathPrefix') paths.push(...names.map((path) => ({ path, match: 'prefix' as const })))
    else if (name === 'PathRegexp') paths.push(...names.map((path) => ({ path, match: 'regex' as const })))
    else if (HOSTS.has(name) && name !== 'Headers') hosts.push(...names.map((host) => (host === '*' ? '' : host)))
    else rest.push(whole)
  }
  const only = rest.length === 0 ? {} : { only: rest.join(' && ') }
  const found = (hosts.length === 0 ? [''] : hosts).flatMap((host) =>
    (paths.length === 0 ? [{ path: '/', match: 'prefix' as const }] : paths).map((path) => ({
      host,
      ...path,
      ...only,
    })),
  )
  return found.slice(0, MOST)
}

function argumentsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim().replace(/^[`"'](.*)[`"']$/, '$1'))
    .filter((each) => each !== '')
}
