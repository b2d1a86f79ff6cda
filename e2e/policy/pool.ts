// Objects to judge: the examples of the catalogue, and of the corpus where it is.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { at, isObject, type Json, type JsonObject, string } from '../../src/cluster/json.ts'
import { readInputs } from '../../src/observe/files/read.ts'
import { readDocuments } from './documents.ts'

const catalogue = fileURLToPath(new URL('../../policies', import.meta.url))
const corpus = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))

export type Example = {
  /** The folder of the check, or of the corpus. */
  readonly of: string
  readonly kind: 'good' | 'bad' | 'corpus'
  readonly body: JsonObject
}

/** Every object of `good.yaml` and `bad.yaml` in `policies/`. */
export async function readExamples(): Promise<Example[]> {
  const found: Example[] = []
  for (const of of readdirSync(catalogue).sort())
    for (const kind of ['good', 'bad'] as const) {
      const file = join(catalogue, of, `${kind}.yaml`)
      if (!existsSync(file)) continue
      for (const { body } of await readDocuments([file])) found.push({ of, kind, body })
    }
  return found
}

const SETS = ['badpods', 'bank-of-anthos', 'gitops-billimek', 'gke-samples', 'kubernetes-examples', 'kubernetes-goat']
const MORE_SETS = ['kubernetes-api-all-fields', 'netpol-recipes', 'online-boutique', 'rook-ceph', 'metrics-server']

/** Objects of other projects, as they stand in their repositories; none where there is no corpus. */
export async function readCorpus(): Promise<Example[]> {
  const found: Example[] = []
  for (const of of [...SETS, ...MORE_SETS]) {
    const folder = join(corpus, of)
    if (!existsSync(folder)) continue
    const { objects } = await readInputs([folder], { keepAll: true })
    for (const { body } of objects) if (isNamed(body)) found.push({ of, kind: 'corpus', body })
  }
  return found
}

function isNamed(body: JsonObject): boolean {
  return string(at(body, 'metadata', 'name')) !== undefined
}

/** Definitions of the custom kinds that checks look at, without a schema. */
export function customKinds(): JsonObject[] {
  const kinds = [
    ['argoproj.io', 'v1alpha1', 'Rollout', 'rollouts'],
    ['apps.kruise.io', 'v1alpha1', 'CloneSet', 'clonesets'],
    ['apps.kruise.io', 'v1beta1', 'StatefulSet', 'statefulsets'],
    ['apps.kruise.io', 'v1alpha1', 'DaemonSet', 'daemonsets'],
    ['serving.knative.dev', 'v1', 'Service', 'services'],
    ['serving.knative.dev', 'v1', 'Configuration', 'configurations'],
  ] as const
  return kinds.map(([group, version, kind, plural]) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, test' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, listKind: `${kind}List`, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }))
}

/** How an object is the same as another, but for the order of its keys. */
export function identity(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(identity).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${identity(value[key] as Json)}`).join()}}`
}
