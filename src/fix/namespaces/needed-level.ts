import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import type { PodSecurityLevel } from '../../cluster/namespace.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import { levelOf } from '../../engines/escape/level.ts'

/**
 * The Pod Security level that a pod needs whatever the version of the API server (from 1.25 on): that of its escape
 * steps, lowered by what is no such step but is refused as well (k8s.io/pod-security-admission/policy).
 */
export function neededLevel(pod: PodSpec, object: KubeObject): PodSecurityLevel {
  const podContext = at(object.body, ...pod.path, 'securityContext')
  const containers = pod.containers.map(({ path }) => at(object.body, ...path))
  const contexts = [podContext, ...containers.map((each) => field(each, 'securityContext'))]
  const isRefused =
    list(field(podContext, 'sysctls')).some((each) => !SAFE_SYSCTLS.has(string(field(each, 'name')) ?? '')) ||
    [...pod.annotations].some(([key, value]) => key.startsWith(APP_ARMOR) && !CONFINED.test(value)) ||
    contexts.some(isRefusedContext) ||
    containers.some(asksHosts)
  if (isRefused) return 'privileged'
  // What a user namespace lets pass (KEP-127) older versions refuse.
  const level = levelOf({ ...pod, hostUsers: true })
  return level === 'restricted' && !isRestricted(pod, podContext, contexts) ? 'baseline' : level
}

/** Those that the baseline level of every version lets pass (check_sysctls.go). */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_syncookies',
])
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const APP_ARMOR_TYPES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost'])
const CONFINED = /^(|runtime\/default|localhost\/.*)$/

/** Capabilities count as they are written, and the pod's own word although each container says otherwise. */
function isRefusedContext(context: Json | undefined): boolean {
  const selinux = field(context, 'seLinuxOptions')
  return (
    strings(at(context, 'capabilities', 'add')).some((each) => !/^(?!CAP_)[A-Z0-9_]+$/.test(each)) ||
    at(context, 'seccompProfile', 'type') === 'Unconfined' ||
    !APP_ARMOR_TYPES.has(string(at(context, 'appArmorProfile', 'type')) ?? 'RuntimeDefault') ||
    // container_engine_t is let through since 1.31.
    field(selinux, 'type') === 'container_engine_t' ||
    ['user', 'role'].some((key) => string(field(selinux, key)))
  )
}

/** Since 1.34 (check_hostProbesAndHostLifecycle.go), loopback too. */
function asksHosts(container: Json | undefined): boolean {
  const handlers = [
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((key) => field(container, key)),
    ...['postStart', 'preStop'].map((key) => at(container, 'lifecycle', key)),
  ]
  return handlers.some((handler) =>
    ['httpGet', 'tcpSocket'].some((key) => (string(at(handler, key, 'host')) ?? '') !== ''),
  )
}

function isRestricted(pod: PodSpec, podContext: Json | undefined, contexts: readonly (Json | undefined)[]): boolean {
  return (
    field(podContext, 'runAsNonRoot') !== false &&
    field(podContext, 'runAsUser') !== 0 &&
    (pod.windows || contexts.slice(1).every((each) => strings(at(each, 'capabilities', 'drop')).includes('ALL')))
  )
}
