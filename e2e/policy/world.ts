// What must be there before an object is admitted at all, policies aside.
import { at, type JsonObject, string } from '../../src/cluster/json.ts'
import { type Api, each } from './api.ts'

/** Paths to what may be the spec of a pod. */
const PODS: readonly (readonly string[])[] = [
  ['spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['template', 'spec'],
]

/** The kinds that are made here, so that an object of theirs may find its name taken. */
export const FURNITURE: ReadonlySet<string> = new Set(['Namespace', 'ServiceAccount', 'PriorityClass', 'RuntimeClass'])

/** Creates the namespaces of the objects, without Pod Security labels, which is the level privileged. */
export async function makeNamespaces(api: Api, objects: readonly JsonObject[]): Promise<void> {
  const names = new Set(objects.map(namespaceOf))
  await each([...names], (name) => api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
}

/**
 * Creates the ServiceAccounts, PriorityClasses and RuntimeClasses that pods of the objects name, since admission refuses a pod
 * without them. What is refused here stays away: the pods that name it are refused then, and say why.
 */
export async function makePodsNeeds(api: Api, objects: readonly JsonObject[]): Promise<void> {
  const needs = new Map<string, JsonObject>()
  const need = (body: JsonObject) => needs.set(JSON.stringify(body), body)
  for (const body of objects) {
    const namespace = namespaceOf(body)
    const account = (name: string) => need({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
    account('default')
    for (const path of PODS) {
      const pod = at(body, ...path)
      const named = string(at(pod, 'serviceAccountName')) || string(at(pod, 'serviceAccount'))
      if (named) account(named)
      const priority = string(at(pod, 'priorityClassName'))
      if (priority && !priority.startsWith('system-'))
        need({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: priority }, value: 1000 })
      const runtime = string(at(pod, 'runtimeClassName'))
      if (runtime)
        need({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: runtime }, handler: 'runc' })
    }
  }
  await each([...needs.values()], (body) => api.create(body))
}

function namespaceOf(body: JsonObject): string {
  return string(at(body, 'metadata', 'namespace')) || 'default'
}
