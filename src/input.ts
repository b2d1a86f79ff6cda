import type { Applications } from './cluster/application/application.ts'
import { because } from './cluster/because.ts'
import type { Cluster } from './cluster/cluster.ts'
import { spanOf } from './cluster/expiry.ts'
import type { Dependencies } from './cluster/external/external.ts'
import { formatPath } from './cluster/json.ts'
import { misnamedKind } from './cluster/kinds.ts'
import type { KubeObject } from './cluster/object.ts'
import { hidesWorkloads } from './cluster/templates.ts'
import type { Finding, Severity, Unknown } from './engines/engine.ts'
import type { Input } from './observe/files/read.ts'

/** What is wrong with the input itself, and what it cannot show, before any engine judges it. */

const FAULT_SEVERITY: Readonly<Record<string, Severity>> = { 'owner-cycle': 'medium' }

export function* inputFindings(input: Input, cluster: Cluster, applications: Applications): Generator<Finding> {
  for (const { check, object, message, because: why } of cluster.faults) {
    yield { check, severity: FAULT_SEVERITY[check] ?? 'low', object, message, because: why }
  }
  const byPlace = new Map<string, KubeObject>()
  for (const object of cluster.objects) {
    if (object.origin) byPlace.set(`${object.origin.source} ${object.origin.start}`, object)
  }
  for (const { origin, path } of input.duplicateKeys) {
    const object = byPlace.get(`${origin.source} ${origin.start}`)
    if (!object) continue
    yield {
      check: 'duplicate-key',
      severity: 'low',
      object,
      part: formatPath(path),
      message: `has the key ${formatPath(path.slice(-1))} twice; the last one counts, as in kubectl, and the API server may refuse it`,
      because: [because('the last of the two', object, path)],
    }
  }
  for (const { object, message, because: why } of applications.conflicts)
    yield { check: 'application-conflict', severity: 'low', object, message, because: why }
}

export function* inputUnknowns(input: Input, cluster: Cluster, dependencies: Dependencies): Generator<Unknown> {
  if (input.problems.length > 0) {
    yield {
      id: 'unreadable',
      message: 'parts of the input could not be read',
      count: input.problems.length,
      because: input.problems.map((each) =>
        because(`${[each.file, each.line].filter((part) => part !== undefined).join(':')} ${each.message}`),
      ),
      settle: 'mend the files, or leave them out',
    }
  }
  if (input.notRead.length > 0) {
    yield {
      id: 'not-read',
      message: 'folders inside the ones named were not read',
      count: input.notRead.length,
      because: input.notRead.map((folder) => because(folder)),
      settle: 'add -R',
    }
  }
  if (input.notCollected.length > 0) {
    yield {
      id: 'not-collected',
      message: 'a support bundle says that it could not collect everything',
      count: input.notCollected.length,
      because: input.notCollected.map((file) => because(file)),
      settle: 'collect it again with the rights that these files name',
    }
  }
  const misnamed = cluster.objects.flatMap((object) => {
    const right = misnamedKind(object.group, object.kind)
    return right === undefined ? [] : [{ object, right }]
  })
  if (misnamed.length > 0) {
    yield {
      id: 'misnamed-kind',
      message: 'objects have a kind that Kubernetes does not serve under their apiVersion, so they were not judged',
      count: misnamed.length,
      because: misnamed.map(({ object, right }) =>
        because(`${object.kind} should be ${right}`, object, ['apiVersion']),
      ),
      settle: 'correct apiVersion and kind',
    }
  }
  const open = cluster.definitions?.problems.filter(
    ({ severity, check }) => severity === 'error' || check === 'unknown-namespaces',
  )
  if (open && open.length > 0) {
    yield {
      id: 'rbac-definitions',
      message:
        'parts of RBACDefinitions say nothing that could be expanded: what they grant, if anything, is not judged',
      count: open.length,
      because: open.map(({ message, object, path }) => because(message, object, path)),
      settle: 'mend them (bulkhead access expand), and add the Namespaces that their selectors select',
    }
  }
  const endless = cluster.bindings.flatMap(({ object }) =>
    object.made
      ? []
      : spanOf(object).invalid.map(({ text, path }) => because(`${JSON.stringify(text)} is no time`, object, path)),
  )
  if (endless.length > 0) {
    yield {
      id: 'grant-times',
      message: 'bindings say that they expire, or begin, at what is no time: they count as holding',
      count: endless.length,
      because: endless,
      settle: 'write a day, or a time as 2026-12-31T18:00:00Z',
    }
  }
  const hiding = cluster.objects.filter(hidesWorkloads)
  if (hiding.length > 0) {
    yield {
      id: 'hidden-workloads',
      message:
        'workloads are not visible: these objects make them from charts or other sources that the input does not hold',
      count: hiding.length,
      because: hiding.map((object) => because(`${object.kind} ${object.namespace}/${object.name}`, object)),
      settle: 'add what they make (helm template, kustomize build), or a snapshot of the cluster',
    }
  }
  const untold = dependencies.unknown
  if (untold.length > 0) {
    yield {
      id: 'untold-dependencies',
      message: 'workloads are configured to connect to places that the input does not tell',
      count: untold.length,
      because: untold.map((each) => each.because),
      settle: 'add the Services, ConfigMaps and values that are missing; addresses in Secrets stay unknown',
    }
  }
  const guarded = [...cluster.namespaces.values()].filter((namespace) => !namespace.seen)
  if (guarded.length > 0) {
    yield {
      id: 'unseen-namespaces',
      message: 'namespaces are used but not in the input: their labels, Pod Security among them, are not known',
      count: guarded.length,
      because: guarded.map((namespace) => because(namespace.name)),
      settle: 'add them (kubectl get namespaces -o yaml)',
    }
  }
}
