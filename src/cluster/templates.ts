import { at, field, isObject, type Json, type JsonObject, list, object, type Path, string } from './json.ts'
import type { KubeObject } from './object.ts'
import { decodePod, decodePodSpec, type PodSpec } from './pod.ts'

/** Where the pod template of a built-in kind stands. */
const TEMPLATE_PATHS: ReadonlyMap<string, Path> = new Map<string, Path>([
  ['/Pod', []],
  ['/ReplicationController', ['spec', 'template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])

/** Kinds that hold manifests or charts rather than a pod of their own, or that no controller turns into pods. */
const NOT_WORKLOADS: ReadonlySet<string> = new Set([
  'HelmRelease',
  'HelmChart',
  'HelmChartConfig',
  'Application',
  'ApplicationSet',
  'Kustomization',
  'CustomResourceDefinition',
  'ConfigMap',
  'Secret',
  'PodTemplate',
  'ControllerRevision',
  'AdmissionReview',
  'List',
  'Event',
  'Template',
  'ValidatingAdmissionPolicy',
  'MutatingAdmissionPolicy',
  'ClusterPolicy',
  'Policy',
  'ResourceQuota',
  'PodPreset',
])

/** Groups of Kubernetes itself, whose other kinds hold no pod: the API server drops what their types do not have. */
const GROUPS_WITHOUT_WORKLOADS: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'autoscaling',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
])

const MAX_VALUES = 5_000
const MAX_TEMPLATE_DEPTH = 9

/**
 * The pod templates that an object runs: of a built-in kind, or of a custom resource that embeds one (an object with
 * `spec.containers`, wherever it stands below `spec`: Rollout, Knative Service, JobSet, RayCluster, ...). A custom
 * resource may embed several.
 */
export function podSpecs(object: KubeObject): readonly PodSpec[] {
  const decoded = specs.get(object.body) ?? decodedSpecs(object)
  specs.set(object.body, decoded)
  return decoded
}

/** A plan judges clusters that differ in few of their objects. */
const specs = new WeakMap<JsonObject, readonly PodSpec[]>()

function decodedSpecs(object: KubeObject): readonly PodSpec[] {
  const known = TEMPLATE_PATHS.get(`${object.group}/${object.kind}`)
  if (known) {
    const template = at(object.body, ...known)
    return isObject(template) && isObject(field(template, 'spec')) ? [decodePod(template, known)] : []
  }
  if (GROUPS_WITHOUT_WORKLOADS.has(object.group) || NOT_WORKLOADS.has(object.kind)) return []
  if (object.group === 'argoproj.io' && /Workflow$/.test(object.kind)) return argoWorkflow(object)
  return embedded(object.body)
}

function embedded(body: JsonObject): readonly PodSpec[] {
  const found: PodSpec[] = []
  let visited = 0
  const visit = (value: Json | undefined, path: Path): void => {
    if (++visited > MAX_VALUES || path.length > MAX_TEMPLATE_DEPTH) return
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        visit(item as Json, [...path, index])
      })
      return
    }
    if (!isObject(value)) return
    if (isPodSpec(field(value, 'spec'))) {
      found.push(decodePod(value, path))
      return
    }
    if (path.length > 1 && isPodSpec(value)) {
      found.push(decodePodSpec(value, path, new Map(), new Map()))
      return
    }
    for (const [key, item] of Object.entries(value)) if (key !== 'status') visit(item, [...path, key])
  }
  // A Knative Revision is a PodSpec under `spec` itself; the labels are the object's.
  if (isPodSpec(field(body, 'spec')) && field(body, 'kind') === 'Revision') return [decodePod(body, [])]
  visit(field(body, 'spec'), ['spec'])
  return found
}

function isPodSpec(value: Json | undefined): boolean {
  const containers = list(field(value, 'containers'))
  return containers.length > 0 && containers.every((item) => string(field(item, 'image')) !== undefined)
}

/** An Argo Workflow's templates each hold one container; its service account and volumes stand beside them. */
function argoWorkflow(workflow: KubeObject): readonly PodSpec[] {
  if (/Template$/.test(workflow.kind)) return []
  const path: Path = workflow.kind === 'CronWorkflow' ? ['spec', 'workflowSpec'] : ['spec']
  const spec = object(at(workflow.body, ...path))
  return list(field(spec, 'templates')).flatMap((template, index) => {
    const own = ['container', 'script'].flatMap((key) =>
      isObject(field(template, key)) ? [field(template, key) as Json] : [],
    )
    const containers = [...own, ...list(field(template, 'sidecars'))]
    if (containers.length === 0) return []
    const volumes = [...list(field(spec, 'volumes')), ...list(field(template, 'volumes'))]
    const serviceAccountName = field(template, 'serviceAccountName') ?? field(spec, 'serviceAccountName') ?? null
    return [
      decodePodSpec(
        { ...spec, ...object(template), containers, volumes, serviceAccountName },
        [...path, 'templates', index],
        new Map(),
        new Map(),
      ),
    ]
  })
}

/** Kinds behind which workloads hide that the input does not show. */
const HIDING: ReadonlySet<string> = new Set([
  'helm.toolkit.fluxcd.io/HelmRelease',
  'helm.fluxcd.io/HelmRelease',
  'helm.cattle.io/HelmChart',
  'argoproj.io/Application',
  'argoproj.io/ApplicationSet',
  'kustomize.toolkit.fluxcd.io/Kustomization',
  'operators.coreos.com/Subscription',
  'argoproj.io/WorkflowTemplate',
  'argoproj.io/ClusterWorkflowTemplate',
  'tekton.dev/Pipeline',
  'tekton.dev/PipelineRun',
  'tekton.dev/Task',
  'tekton.dev/TaskRun',
  'pkg.crossplane.io/Provider',
])

export function hidesWorkloads(object: KubeObject): boolean {
  return HIDING.has(`${object.group}/${object.kind}`)
}
