import { type Because, because } from '../../../cluster/because.ts'
import type { Container } from '../../../cluster/pod.ts'
import type { Workload } from '../../../cluster/workload.ts'

export interface Said {
  readonly value: string
  readonly because: Because
}

const MOST_FLAGS = 500

/**
 * `--flag=value`, `--flag value` and `-flag=value` of a workload's containers, without the dashes; `true` where no value
 * follows. A flag that comes again counts as its last, as in pflag.
 */
export function flagsOf(workload: Workload): ReadonlyMap<string, Said> {
  const found = new Map<string, Said>()
  for (const { pod, object } of workload.specs.slice(0, 1)) {
    for (const container of pod.containers) {
      if (container.role === 'init' || container.role === 'ephemeral') continue
      const names = literals(container, workload.namespace)
      for (const part of ['command', 'args'] as const) {
        const words = container[part]
        words.slice(0, MOST_FLAGS).forEach((word, index) => {
          const parsed = flag(word, words[index + 1])
          if (!parsed) return
          const value = expand(parsed[1], names)
          found.set(parsed[0], {
            value,
            because: because(saying(`--${parsed[0]}`, value), object, [...container.path, part, index]),
          })
        })
      }
    }
  }
  return found
}

/** What may be a password is not repeated. */
function saying(name: string, value: string): string {
  return /pass|token|secret|key|credential/i.test(name) || value.length > 60 ? `sets ${name}` : `${name}=${value}`
}

function flag(word: string, next: string | undefined): readonly [string, string] | undefined {
  if (!word.startsWith('-') || word.includes('\n')) return undefined
  const body = word.replace(/^--?/, '')
  const equals = body.indexOf('=')
  if (equals >= 0) return [body.slice(0, equals), body.slice(equals + 1)]
  return body === '' ? undefined : [body, next !== undefined && !next.startsWith('-') ? next : 'true']
}

/** Environment that is written out, and what the downward API gives by custom. */
function literals(container: Container, namespace: string): ReadonlyMap<string, string> {
  const names = new Map([['POD_NAMESPACE', namespace]])
  for (const { name, value } of container.env) if (value !== undefined) names.set(name, value)
  return names
}

/** `$(NAME)` as the kubelet replaces it; a name that nobody set stays as it is. */
function expand(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (whole, name: string) => names.get(name) ?? whole)
}

/** Environment variables that are written out, of all containers that run. */
export function environmentOf(workload: Workload): ReadonlyMap<string, Said> {
  const found = new Map<string, Said>()
  for (const { pod, object } of workload.specs.slice(0, 1))
    for (const container of pod.containers)
      for (const { name, value, path } of container.env)
        if (value !== undefined && container.role !== 'init')
          found.set(name, { value, because: because(saying(name, value), object, path) })
  return found
}
