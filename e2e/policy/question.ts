// What the API server is asked.
import { type JsonObject, object } from '../../src/cluster/json.ts'
import type { Answer, Api } from './api.ts'
import { type Outcome, outcome } from './told.ts'

export type Question =
  /** A create by server-side dry run. */
  | { readonly id: string; readonly operation: 'CREATE'; readonly object: JsonObject }
  /** An update by server-side dry run of an object that is stored before any policy is. */
  | { readonly id: string; readonly operation: 'UPDATE'; readonly object: JsonObject; readonly oldObject: JsonObject }
  /** A connection to a subresource, as `kubectl exec` opens one: `/api/v1/namespaces/default/pods/web/exec?command=sh`. */
  | { readonly id: string; readonly operation: 'CONNECT'; readonly path: string }

/** The objects that the question sends. */
export function objectsOf(question: Question): JsonObject[] {
  if (question.operation === 'CREATE') return [question.object]
  return question.operation === 'UPDATE' ? [question.object, question.oldObject] : []
}

/** Sends the question, with another object than its own where one is given. */
export async function ask(api: Api, question: Question, body?: JsonObject): Promise<Answer> {
  switch (question.operation) {
    case 'CREATE':
      return api.dryRunCreate(storable(body ?? question.object))
    case 'UPDATE':
      return api.dryRunUpdate(storable(body ?? question.object))
    case 'CONNECT':
      return api.request('POST', question.path)
  }
}

/** Admission comes before the pod is looked for, and before the connection is made, which no plain request is. */
export function outcomeOf(question: Question, answer: Answer): Outcome {
  const told = outcome(answer)
  const admitted = question.operation === 'CONNECT' && told.kind === 'refused' && told.code !== 403
  return admitted ? { kind: 'admitted' } : told
}

/** An object that was read from a cluster names its version, which none that is to be created may. */
export function storable(body: JsonObject): JsonObject {
  const { resourceVersion: _, ...metadata } = object(body.metadata)
  return { ...body, metadata }
}
