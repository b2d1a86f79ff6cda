import type { KubeObject } from '../../src/cluster/object.ts'
import { definitionOf } from '../../src/engines/policy/admission/definition.ts'

/** The resources that a policy is asked of, by group. */
export function rulesText(policy: KubeObject): string {
  return definitionOf(policy)
    .constraints.rules.map(({ groups, resources }) => {
      const named = groups.filter((group) => group !== '' && group !== '*')
      return `${resources.map((each) => `\`${each}\``).join(', ')}${named.length === 0 ? '' : ` of ${named.join(', ')}`}`
    })
    .join('; ')
}
