import type { Cluster } from '../../../cluster/cluster.ts'
import type { Edge } from '../../engine.ts'
import type { Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, placesOf, step } from '../rule.ts'
import type { ScopeKinds } from '../scopes.ts'
import { type TemplateResource, templateNamed, templateResources } from './templates.ts'

/** Rights to make pods of one's own choice, directly or through a controller. */
export function newPodRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  const resources = templateResources(cluster)
  return [
    create(resources, kinds),
    ...resources.filter((each) => each.patchable).map((resource) => patch(resource, kinds)),
  ]
}

function create(resources: readonly TemplateResource[], kinds: ScopeKinds): AccessRule {
  const creating = resources.map((each) => each.creating)
  return {
    kinds: [
      {
        kind: 'create-pod',
        title: 'creates pods',
        from: 'User, Group, ServiceAccount',
        to: 'Scope new-pods: every service account, Secret and claim of the namespace; the nodes where Pod Security admits a privileged pod',
        chance: '1',
        precondition:
          '`create` on pods or on any kind that embeds a pod template, without resourceNames (a create has no name)',
        source: 'kubernetes.io/docs/concepts/security/rbac-good-practices; plugin/pkg/auth/authorizer/rbac',
      },
    ],
    *edges(rights, context) {
      for (const { namespace, right } of placesOf(rights, ...creating)) {
        if (right.names === undefined)
          yield step('create-pod', rights, context.scopes.of(kinds.newPods, namespace), [right])
      }
    },
  }
}

/** A right to change a template that exists is a right to make pods; one that names no existing object is none. */
function patch(resource: TemplateResource, kinds: ScopeKinds): AccessRule {
  const scope = kinds.templates(resource.resource, resource.kinds)
  return {
    kinds: [
      {
        kind: 'patch-template',
        title: 'changes the pod template of a workload',
        from: 'User, Group, ServiceAccount',
        to: 'the workload, and Scope new-pods of its namespace',
        chance: '1',
        precondition:
          '`update` or `patch` on a kind that embeds a pod template, of which an object exists (a Job’s template cannot be changed; `scale` changes none)',
        source: 'pkg/apis/*/validation',
      },
    ],
    *edges(rights: Rights, context: AccessContext): Generator<Edge> {
      for (const { namespace, right } of placesOf(rights, ...resource.patching)) {
        if (right.names === undefined) {
          yield step('patch-template', rights, context.scopes.of(scope, namespace), [right])
          continue
        }
        for (const each of context.scopes.within(namespace)) {
          const workloads = right.names.flatMap((name) => templateNamed(context.cluster, resource, each, name) ?? [])
          for (const { id } of workloads) yield step('patch-template', rights, id, [right])
          if (workloads.length > 0)
            yield step('patch-template', rights, context.scopes.of(kinds.newPods, each), [right])
        }
      }
    },
  }
}
