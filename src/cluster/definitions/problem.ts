import type { Path } from '../json.ts'
import type { KubeObject } from '../object.ts'

/** Stable, kebab-case (docs/guides/rbac-manager.md lists them). */
export type DefinitionCheck =
  | 'not-read'
  | 'duplicate'
  | 'invalid'
  | 'unknown-field'
  | 'no-role'
  | 'no-namespace'
  | 'invalid-selector'
  | 'invalid-name'
  | 'invalid-time'
  | 'unknown-binding'
  | 'too-many'
  | 'account-without-namespace'
  | 'collision'
  | 'missing-namespace'
  | 'terminating-namespace'
  | 'unknown-namespaces'
  | 'selects-nothing'
  | 'selects-everything'
  | 'selector-over-namespace'
  | 'empty-selector'
  | 'cluster-role-over-role'
  | 'no-subjects'
  | 'missing-role'
  | 'name-taken'
  | 'no-uid'

/** `error`: something that was asked for is not made. `warning`: it is made, and may not be what was meant. */
export type DefinitionSeverity = 'error' | 'warning' | 'note'

/** Something wrong with a definition that does not stop the rest of it. */
export interface DefinitionProblem {
  readonly check: DefinitionCheck
  readonly severity: DefinitionSeverity
  /** What of the definition is wrong: `rbacBindings[0].roleBindings[2]`. */
  readonly object: KubeObject
  readonly path: Path
  readonly message: string
}

export function definitionProblem(
  check: DefinitionCheck,
  severity: DefinitionSeverity,
  { object, path }: { readonly object: KubeObject; readonly path: Path },
  message: string,
): DefinitionProblem {
  return { check, severity, object, path, message }
}

export type Tell = (check: DefinitionCheck, severity: DefinitionSeverity, path: Path, message: string) => void

const MOST_OF_ONE_CHECK = 100

/** Keeps so many of a check; of the others the last one says how many there are. */
export class Problems {
  /** By name of definition the checks of which it has errors, and `unknown-namespaces`; these are all, whatever is kept. */
  readonly faults = new Map<string, Set<DefinitionCheck>>()
  readonly #kept: DefinitionProblem[] = []
  readonly #counts = new Map<string, { count: number; last: DefinitionProblem }>()

  add(each: DefinitionProblem): void {
    if (each.severity === 'error' || each.check === 'unknown-namespaces') {
      const checks = this.faults.get(each.object.name) ?? new Set()
      this.faults.set(each.object.name, checks.add(each.check))
    }
    const of = this.#counts.get(each.check)
    if (of) {
      of.count++
      of.last = each
    } else this.#counts.set(each.check, { count: 1, last: each })
    if ((of?.count ?? 1) <= MOST_OF_ONE_CHECK) this.#kept.push(each)
  }

  of(object: KubeObject): Tell {
    return (check, severity, path, message) => this.add(definitionProblem(check, severity, { object, path }, message))
  }

  all(): readonly DefinitionProblem[] {
    const more = [...this.#counts.values()].flatMap(({ count, last }) =>
      count <= MOST_OF_ONE_CHECK
        ? []
        : [
            {
              ...last,
              message: `${last.message}; and ${count - MOST_OF_ONE_CHECK - 1} more of the kind before this one`,
            },
          ],
    )
    return [...this.#kept, ...more]
  }
}
