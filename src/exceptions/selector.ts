import { onlyKeys } from '../cluster/application/config.ts'
import { field, isObject, type Json, list, strings } from '../cluster/json.ts'
import { parseSelector, type Selector, selects } from '../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../cluster/object.ts'
import { fits, glob, type NamePattern } from './pattern.ts'

/** Resources by all of the conditions that are given. */
export interface ResourceSelector {
  /** `Deployment`, or `Rollout.argoproj.io`. */
  readonly kinds?: readonly NamePattern[]
  readonly names?: readonly NamePattern[]
  readonly namespaces?: readonly NamePattern[]
  readonly labels?: Selector
  /** Only what is wrong with these containers. */
  readonly containers?: readonly NamePattern[]
}

const KEYS = ['kinds', 'names', 'namespaces', 'labels', 'containers'] as const
/** More names than a person writes. */
const MOST_NAMES = 1_000
const LONGEST = 512

export function selectsResource(selector: ResourceSelector, object: KubeObject): boolean {
  const { kinds, names, namespaces, labels } = selector
  return (
    (kinds === undefined || kinds.some((each) => fits(each, object.kind) || fits(each, typeOf(object)))) &&
    (names === undefined || names.some((each) => fits(each, object.name))) &&
    (namespaces === undefined || namespaces.some((each) => fits(each, object.namespace))) &&
    (labels === undefined || selects(labels, labelsOf(object.body)))
  )
}

const typeOf = ({ kind, group }: KubeObject): string => (group === '' ? kind : `${kind}.${group}`)

/** One item of `spec.resources`; a text is what is wrong with it. A key that nothing reads would widen it in silence. */
export function decodeSelector(value: Json): ResourceSelector | string {
  if (!isObject(value)) return 'is not a mapping'
  const problems: string[] = []
  onlyKeys(value, KEYS, '', (_, problem) => problems.push(problem.replace(/^: /, '')))
  const patterns = (key: (typeof KEYS)[number]): { [key: string]: readonly NamePattern[] } => {
    const given = field(value, key)
    if (given === undefined) return {}
    const names = strings(given)
    if (!Array.isArray(given) || names.length !== list(given).length) problems.push(`${key} is not a list of texts`)
    else if (names.length === 0) problems.push(`${key} is empty`)
    else if (names.length > MOST_NAMES) problems.push(`${key} has more than ${MOST_NAMES} items`)
    else if (names.some((name) => name === '' || name.length > LONGEST))
      problems.push(`${key} has an item that is empty or longer than ${LONGEST} characters`)
    return { [key]: names.map(glob) }
  }
  const labels = parseSelector(field(value, 'labels'))
  if (typeof labels === 'string') problems.push(`labels: ${labels}`)
  const selector: ResourceSelector = {
    ...patterns('kinds'),
    ...patterns('names'),
    ...patterns('namespaces'),
    ...patterns('containers'),
    ...(Array.isArray(labels) ? { labels: labels as Selector } : {}),
  }
  if (problems.length === 0 && Object.keys(selector).length === 0)
    problems.push('names nothing; say names: ["*"] for every resource')
  return problems.length > 0 ? problems.join('; ') : selector
}
