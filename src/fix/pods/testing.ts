import { applyEdit } from '../../cluster/edit/apply.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import { at, formatPath, type JsonObject } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { objectsOf } from '../../cluster/testing.ts'
import { policyOf } from '../../engines/access/policy.ts'
import { networkModel } from '../../engines/network/model.ts'
import { analyseText } from '../../loop.testing.ts'
import type { Analysis } from '../../loop.ts'
import type { Fix, FixContext, Proposer, Used } from '../fix.ts'

/** For tests: one cluster, what proposers see of it, and what a fix makes of it. */
export interface Case {
  readonly analysis: Analysis
  readonly context: FixContext
  propose(proposer: Proposer): readonly Fix[]
  /** The cluster after a fix. */
  after(fix: Fix): Case
  /** `kind from -> to` of the edges of chance 1 (of all, when asked). */
  steps(from: string, least?: number): readonly string[]
}

export function caseOf(text: string, used?: Used): Case {
  return caseOfObjects(objectsOf(text), used)
}

/** Of several objects of one name, readers keep the body of the last only. */
export function caseOfObjects(read: readonly KubeObject[], used?: Used): Case {
  const objects = read.filter(({ body }) => Object.keys(body).length > 0)
  const text = objects.map(({ body }) => JSON.stringify(body)).join('\n---\n')
  const { analysis } = analyseText(text, { version: 'v1.36' })
  const { cluster, applications, dependencies, edges } = analysis
  const context: FixContext = {
    cluster,
    applications,
    dependencies,
    policy: policyOf(cluster),
    network: networkModel(cluster, { enforced: 'assume' }),
    edges,
    exposed: new Map(),
    ...(used ? { used } : {}),
  }
  return {
    analysis,
    context,
    propose: (proposer) => [...proposer.propose(context)],
    after: (fix) => caseOfObjects(applied(objects, fix), used),
    steps: (from, least = 1) =>
      edges
        .filter((edge) => edge.from === from && edge.chance >= least)
        .map(({ kind, to }) => `${kind} -> ${to}`)
        .sort(),
  }
}

function applied(objects: readonly KubeObject[], { changes }: Fix): readonly KubeObject[] {
  const edits = new Map(
    changes.flatMap((each) => (each.action === 'edit' ? [[each.object.id, each.edits] as const] : [])),
  )
  return [
    ...objects.map((object) => {
      const own = edits.get(object.id)
      return own ? { ...object, body: edited(object.body, own) } : object
    }),
    ...changes.flatMap((each) => (each.action === 'add' ? [each.object] : [])),
  ]
}

/** Stricter than `applyEdits`: a fix removes nothing that is not there. */
function edited(body: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((before, edit) => {
    if (edit.op === 'remove' && at(before, ...edit.path) === undefined)
      throw new Error(`nothing at ${formatPath(edit.path)}`)
    return applyEdit(before, edit) as JsonObject
  }, body)
}
