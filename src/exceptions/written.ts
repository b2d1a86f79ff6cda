import type { Json, JsonObject } from '../cluster/json.ts'
import type { Requirement } from '../cluster/labels.ts'
import type { Exception } from './exception.ts'
import { GROUP, VERSION } from './object.ts'
import { asGlob, type NamePattern } from './pattern.ts'
import type { ResourceSelector } from './selector.ts'

/** What an Exception must say and its source does not. */
export interface Completion {
  readonly name: string
  readonly owner: string
  /** Where the source names no day. */
  readonly expires: string
  /** Where the source gives no reason. */
  readonly reason: string
}

/** An exception as an object that can be reviewed and given by `--exceptions`, or why it has no such form. */
export function exceptionObject(exception: Exception, completion: Completion): JsonObject | string {
  const resources: Json[] = []
  for (const each of exception.resources) {
    const written = selectorObject(each)
    if (typeof written === 'string') return written
    resources.push(written)
  }
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'Exception',
    metadata: { name: completion.name },
    spec: {
      resources,
      checks: exception.checks,
      reason: exception.reason === '' ? completion.reason : exception.reason,
      owner: exception.owner ?? completion.owner,
      expires: exception.expires === 'never' ? completion.expires : exception.expires,
    },
  }
}

function selectorObject({ kinds, names, namespaces, containers, labels }: ResourceSelector): JsonObject | string {
  const written: { [key: string]: Json } = {}
  for (const [key, patterns] of Object.entries({ kinds, names, namespaces, containers })) {
    if (!patterns) continue
    const globs = patterns.map((each: NamePattern) => asGlob(each))
    const lacking = globs.indexOf(undefined)
    if (lacking >= 0) return `${key} ${JSON.stringify(patterns[lacking]?.text)} cannot be written with * alone`
    // Kubescape ignores case; kinds here are written as Kubernetes writes them.
    const small = key === 'kinds' && globs.find((text) => text !== undefined && /^[a-z]/.test(text))
    if (small) return `the kind ${small} begins with a small letter`
    written[key] = globs as string[]
  }
  if (labels) written.labels = { matchExpressions: labels.map(requirement) }
  return Object.keys(written).length === 0 ? { names: ['*'] } : written
}

function requirement({ key, operator, values }: Requirement): JsonObject {
  return { key, operator, ...(values.length > 0 ? { values } : {}) }
}
