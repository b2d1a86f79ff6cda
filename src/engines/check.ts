import type { Because } from '../cluster/because.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Path } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Severity } from './engine.ts'

/** What is said of a check, whoever decides it: a policy of the catalogue by its annotations, a join by its own file. */
export interface Check {
  /** Stable, kebab-case; has a page in the docs. */
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly category: 'security' | 'reliability' | 'efficiency'
  /** `default`, or none: every check is in `all`; `baseline`, `restricted` and `polaris` follow from the fields below. */
  readonly profiles: readonly string[]
  /**
   * Ids of the same check elsewhere, by tool: `kube-linter`, `kubescape`, `trivy`, `checkov`, `polaris`, … Several are
   * separated by a comma and a blank; where the id depends on the kind: `ClusterRole=a, Role=b`.
   */
  readonly aliases: Readonly<Record<string, string>>
  /** Of the checks that Polaris has. */
  readonly polaris?: 'danger' | 'warning'
  readonly references: readonly string[]
  /** Exceptions of the scanned tree never silence it. */
  readonly mandatory?: true
}

/** What one check says of one object that it is about. */
export interface Verdict {
  readonly check: Check
  readonly object: KubeObject
  readonly result: 'pass' | 'fail' | 'unknown'
  /** Of a failure what is wrong, of an unknown what is missing; one line. Empty for a pass. */
  readonly message: string
  readonly because: readonly Because[]
  /** Where the faults stand in the object, the first one first. */
  readonly at: readonly Offence[]
}

export interface Offence {
  readonly path: Path
  /** The name of the container that is at fault. */
  readonly container?: string
}

/** A check that needs several objects (a binding and its role, a pod and the policies that select it). */
export interface Join {
  readonly check: Check
  /** One verdict for every object that the check is about, passes included. */
  verdicts(cluster: Cluster): Iterable<Verdict>
}

/** The id of a check in another tool, for an object of this kind; undefined where it has none. */
export function aliasFor(check: Check, tool: string, kind: string): string | undefined {
  const text = Object.hasOwn(check.aliases, tool) ? check.aliases[tool] : undefined
  if (text === undefined || !text.includes('=')) return text
  for (const pair of text.split(', ')) {
    const equals = pair.indexOf('=')
    if (pair.slice(0, equals) === kind) return pair.slice(equals + 1)
  }
  return undefined
}
