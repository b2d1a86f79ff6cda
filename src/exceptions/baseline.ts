import { field, isObject, type Json, list, string } from '../cluster/json.ts'

/** What was wrong already when the baseline was written: by check, resource and container, whatever the lines are now. */
export interface Baseline {
  readonly count: number
  has(check: string, resource: BaselineResource, container: string | undefined): boolean
}

export interface BaselineResource {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * Reads the JSON of an earlier `policy eval` (kind PolicyResults) or `scan` (kind Report). What failed then is known now;
 * what was unknown or excepted is not, so that an exception that has expired shows again. A text is what is wrong.
 */
export function decodeBaseline(value: Json): Baseline | string {
  const kind = string(field(value, 'kind'))
  const known = new Set<string>()
  const add = (check: Json | undefined, resource: Json | undefined, faults: readonly Json[]): void => {
    if (typeof check !== 'string' || !isObject(resource)) return
    for (const each of faults) known.add(keyOf(check, resourceOf(resource), string(field(each, 'container'))))
  }
  if (kind === 'PolicyResults') {
    for (const item of list(field(value, 'items')))
      if (field(item, 'result') === 'fail')
        add(field(item, 'policy'), field(item, 'resource'), [item, ...list(field(item, 'more'))])
  } else if (kind === 'Report') {
    for (const finding of list(field(value, 'findings')))
      add(field(finding, 'check'), field(finding, 'resource'), [finding])
  } else return 'it is no JSON document of kind PolicyResults or Report'
  return { count: known.size, has: (check, resource, container) => known.has(keyOf(check, resource, container)) }
}

function resourceOf(value: Json): BaselineResource {
  const text = (key: string): string => string(field(value, key)) ?? ''
  return { apiVersion: text('apiVersion'), kind: text('kind'), namespace: text('namespace'), name: text('name') }
}

/** The version of an API may change and the resource stay the same; its group may not. */
function keyOf(check: string, resource: BaselineResource, container: string | undefined): string {
  const { apiVersion, kind, namespace, name } = resource
  const slash = apiVersion.lastIndexOf('/')
  return JSON.stringify([check, slash < 0 ? '' : apiVersion.slice(0, slash), kind, namespace, name, container ?? ''])
}
