import type { PodSecurityLevel } from '../../cluster/namespace.ts'
import type { Container, PodSpec } from '../../cluster/pod.ts'
import type { VolumeSource } from '../../cluster/volume.ts'

/**
 * The Pod Security level that a pod needs, by what its spec shows of the escape steps (k8s.io/pod-security-admission/policy).
 * Never above the real one: sysctls and hosts of probes are not looked at.
 */
export function levelOf(pod: PodSpec): PodSecurityLevel {
  if (!isBaseline(pod)) return 'privileged'
  return isRestricted(pod) ? 'restricted' : 'baseline'
}

const BASELINE_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])
const CONFINED: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost'])
const BASELINE_SELINUX = /^(container_(t|init_t|kvm_t|engine_t))?$/

function isBaseline(pod: PodSpec): boolean {
  return (
    !pod.hostNetwork &&
    !pod.hostPID &&
    !pod.hostIPC &&
    !sourcesOf(pod).some((source) => source.kind === 'hostPath') &&
    pod.containers.every((container) => isBaselineContainer(container, pod))
  )
}

function isBaselineContainer({ security, ports }: Container, pod: PodSpec): boolean {
  return (
    !security.privileged &&
    !security.hostProcess &&
    security.added.every((each) => BASELINE_CAPABILITIES.has(each)) &&
    ports.every((port) => port.hostPort === undefined) &&
    // In a user namespace both are let through (UserNamespacesPodSecurityStandards).
    (!pod.hostUsers || (security.procMount ?? 'Default') === 'Default') &&
    security.appArmor !== 'Unconfined' &&
    (security.seccomp === undefined || CONFINED.has(security.seccomp)) &&
    BASELINE_SELINUX.test(security.seLinuxType ?? '')
  )
}

const RESTRICTED_VOLUMES: ReadonlySet<string> = new Set(['csi', 'downwardAPI', 'emptyDir', 'image', 'projected'])

function isRestricted(pod: PodSpec): boolean {
  return (
    sourcesOf(pod).every((source) => source.kind !== 'other' || RESTRICTED_VOLUMES.has(source.type)) &&
    pod.containers.every(
      ({ security }) =>
        (!pod.hostUsers || (security.runAsNonRoot === true && security.runAsUser !== 0)) &&
        (pod.windows ||
          (security.allowPrivilegeEscalation === false &&
            security.dropped.includes('ALL') &&
            security.added.every((each) => each === 'NET_BIND_SERVICE') &&
            CONFINED.has(security.seccomp ?? ''))),
    )
  )
}

function sourcesOf(pod: PodSpec): readonly VolumeSource[] {
  return pod.volumes.flatMap((volume) => volume.sources)
}
