/**
 * What of a node's files is worth to an attacker, and how: one table for Linux nodes as kubeadm, k3s, RKE and the
 * managed services lay them out. A mounted path counts for an entry when it is the entry, below it (for `tree`), or
 * above it.
 */

export interface HostPathFact {
  readonly path: string
  /** `write`: changing it makes the attacker root. `socket`: connecting does, for which a read-only mount is no bar. */
  readonly gives: 'root-by-write' | 'root-by-socket' | 'node-identity' | 'pod-credentials' | 'control-plane' | 'files'
  readonly why: string
  /** The entry stands for everything below it as well. */
  readonly tree?: true
  /** Whether the thing is there depends on the node. */
  readonly unsure?: true
}

const write = (why: string, ...paths: readonly string[]): HostPathFact[] =>
  paths.map((path) => ({ path, gives: 'root-by-write', why, tree: true }))
const socket = (...paths: readonly string[]): HostPathFact[] =>
  paths.map((path) => ({ path, gives: 'root-by-socket', why: 'a socket of the container runtime or of systemd' }))

export const HOST_PATHS: readonly HostPathFact[] = [
  ...write(
    'programs and libraries of the node',
    '/bin',
    '/sbin',
    '/usr/bin',
    '/usr/sbin',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/usr/lib',
    '/usr/libexec',
    '/lib',
    '/lib64',
    '/boot',
  ),
  ...write(
    'units that systemd runs as root',
    '/etc/systemd',
    '/usr/lib/systemd',
    '/lib/systemd',
    '/run/systemd/system',
  ),
  ...write(
    'commands that cron runs as root',
    '/etc/cron.d',
    '/etc/cron.daily',
    '/etc/cron.hourly',
    '/etc/cron.weekly',
    '/etc/cron.monthly',
    '/etc/crontab',
    '/var/spool/cron',
    '/etc/anacrontab',
  ),
  ...write(
    'who may log in, and what runs when they do',
    '/etc/passwd',
    '/etc/shadow',
    '/etc/group',
    '/etc/sudoers',
    '/etc/sudoers.d',
    '/etc/pam.d',
    '/etc/security',
    '/etc/ssh',
    '/etc/profile',
    '/etc/profile.d',
    '/etc/bash.bashrc',
    '/etc/ld.so.preload',
    '/etc/ld.so.conf.d',
    '/etc/init.d',
    '/etc/rc.local',
    '/etc/udev',
    '/etc/modprobe.d',
    '/etc/modules-load.d',
    '/etc/environment',
    '/etc/default',
    '/etc/sysctl.d',
    '/etc/apt',
    '/etc/yum.repos.d',
    '/etc/dnf',
  ),
  ...write('files of root and of users who may log in', '/root', '/home'),
  ...write(
    'static pods, which the kubelet runs past every admission',
    '/etc/kubernetes/manifests',
    '/etc/kubelet.d',
    '/var/lib/rancher/k3s/agent/pod-manifests',
    '/var/lib/rancher/rke2/agent/pod-manifests',
  ),
  ...write(
    'plugins that the kubelet’s runtime runs as root',
    '/opt/cni',
    '/etc/cni',
    '/usr/libexec/kubernetes',
    '/var/lib/cni/bin',
  ),
  ...write(
    'the runtime’s own files: images, file systems and settings of every container',
    '/var/lib/docker',
    '/var/lib/containerd',
    '/var/lib/containers',
    '/etc/containerd',
    '/etc/docker',
    '/etc/crio',
    '/etc/containers',
    '/run/containerd',
    '/run/runc',
    '/var/lib/rancher/k3s/agent/containerd',
    '/var/lib/rancher/k3s/data',
    '/var/lib/rancher/rke2/data',
  ),
  { path: '/var/lib/kubelet', gives: 'root-by-write', why: 'settings, plugins and volumes of the kubelet' },
  { path: '/var/lib/kubelet/config.yaml', gives: 'root-by-write', why: 'settings of the kubelet' },
  {
    path: '/var/lib/kubelet/plugins_registry',
    gives: 'root-by-write',
    why: 'plugins of the kubelet',
    tree: true,
    unsure: true,
  },
  { path: '/proc/sys', gives: 'root-by-write', why: 'kernel.core_pattern, which the kernel runs as root', tree: true },
  { path: '/sys/kernel/uevent_helper', gives: 'root-by-write', why: 'a program that the kernel runs as root' },
  {
    path: '/sys/fs/cgroup',
    gives: 'root-by-write',
    why: 'release_agent of cgroup v1, which the kernel runs as root',
    tree: true,
    unsure: true,
  },
  ...socket(
    '/run/docker.sock',
    '/run/containerd/containerd.sock',
    '/run/crio/crio.sock',
    '/run/cri-dockerd.sock',
    '/run/dockershim.sock',
    '/run/k3s/containerd/containerd.sock',
    '/run/podman/podman.sock',
    '/run/containerd.sock',
    '/run/docker/docker.sock',
    '/run/docker/containerd/containerd.sock',
    '/run/buildkit/buildkitd.sock',
    '/run/systemd/private',
    '/run/dbus/system_bus_socket',
  ),
  { path: '/var/lib/kubelet/pki', gives: 'node-identity', why: 'the kubelet’s client certificate', tree: true },
  { path: '/var/lib/kubelet/kubeconfig', gives: 'node-identity', why: 'the kubelet’s kubeconfig' },
  { path: '/etc/kubernetes/kubelet.conf', gives: 'node-identity', why: 'the kubelet’s kubeconfig', unsure: true },
  {
    path: '/etc/kubernetes/bootstrap-kubelet.conf',
    gives: 'node-identity',
    why: 'the kubelet’s first credential',
    unsure: true,
  },
  {
    path: '/etc/srv/kubernetes',
    gives: 'node-identity',
    why: 'the kubelet’s credentials on some images',
    tree: true,
    unsure: true,
  },
  {
    path: '/var/lib/kubelet/pods',
    gives: 'pod-credentials',
    why: 'tokens and Secret volumes of the pods on the node',
    tree: true,
  },
  {
    path: '/var/lib/docker',
    gives: 'pod-credentials',
    why: 'environment and files of the containers on the node',
    tree: true,
  },
  {
    path: '/var/lib/containerd',
    gives: 'pod-credentials',
    why: 'environment and files of the containers on the node',
    tree: true,
  },
  { path: '/run/containerd', gives: 'pod-credentials', why: 'environment of the containers on the node', tree: true },
  { path: '/etc/kubernetes/admin.conf', gives: 'control-plane', why: 'the administrator’s kubeconfig' },
  { path: '/etc/kubernetes/super-admin.conf', gives: 'control-plane', why: 'the administrator’s kubeconfig' },
  {
    path: '/etc/kubernetes/pki',
    gives: 'control-plane',
    why: 'the cluster’s certificate authority and service account key',
    tree: true,
  },
  {
    path: '/etc/kubernetes/controller-manager.conf',
    gives: 'control-plane',
    why: 'the controller manager’s kubeconfig',
  },
  { path: '/srv/kubernetes', gives: 'control-plane', why: 'keys of the control plane on some installs', tree: true },
  { path: '/etc/ssl/etcd', gives: 'control-plane', why: 'keys of etcd', tree: true },
  { path: '/var/lib/etcd', gives: 'control-plane', why: 'etcd’s data: every Secret of the cluster', tree: true },
  {
    path: '/var/lib/rancher/k3s/server',
    gives: 'control-plane',
    why: 'tokens, keys and state of the k3s server',
    tree: true,
  },
  {
    path: '/var/lib/rancher/rke2/server',
    gives: 'control-plane',
    why: 'tokens, keys and state of the RKE2 server',
    tree: true,
  },
  { path: '/etc/rancher', gives: 'control-plane', why: 'the administrator’s kubeconfig of k3s and RKE2', tree: true },
  { path: '/var/lib/minikube/certs', gives: 'control-plane', why: 'the certificate authority of minikube', tree: true },
  { path: '/etc/shadow', gives: 'files', why: 'password hashes' },
  { path: '/root', gives: 'files', why: 'keys and history of root', tree: true },
  { path: '/home', gives: 'files', why: 'keys and history of users', tree: true },
  { path: '/etc/ssh', gives: 'files', why: 'host keys', tree: true },
  { path: '/var/lib/cloud', gives: 'files', why: 'what the cloud handed the machine at its start', tree: true },
  { path: '/proc', gives: 'files', why: 'the node’s processes', tree: true },
  { path: '/dev', gives: 'files', why: 'device files, which the device cgroup refuses to open', tree: true },
]

/** Windows nodes: a drive's root and the runtime's pipes. */
const WINDOWS_ROOT = /^[a-z]:[\\/]?$|^[a-z]:[\\/](windows|programdata|users|k|var)([\\/].*)?$/i
const WINDOWS_PIPE = /^\\\\\.\\pipe\\(docker_engine|containerd-containerd|cri-dockerd|rancher_wins)/i

/** `/var/run` is a link to `/run` on every systemd machine, and the kubelet mounts what it points to. */
export function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  if (parts[0] === 'var' && parts[1] === 'run') parts.shift()
  return `/${parts.join('/')}`
}

export interface HostPathHit {
  readonly fact: HostPathFact
  /** The mount is above the thing rather than it or below it. */
  readonly above: boolean
}

/** What a mount of `path` reaches. */
export function hitsOf(path: string): readonly HostPathHit[] {
  if (WINDOWS_PIPE.test(path))
    return [{ fact: { path, gives: 'root-by-socket', why: 'a pipe of the container runtime' }, above: false }]
  if (WINDOWS_ROOT.test(path))
    return [{ fact: { path, gives: 'root-by-write', why: 'programs and settings of the Windows node' }, above: false }]
  const clean = cleanPath(path)
  const prefix = clean === '/' ? '/' : `${clean}/`
  const isSocket = clean.endsWith('.sock')
  return HOST_PATHS.flatMap((fact): HostPathHit[] => {
    // A socket inside a folder that counts is no file to read or write.
    if (isSocket && fact.gives !== 'root-by-socket') return []
    if (fact.path === clean || (fact.tree && clean.startsWith(`${fact.path}/`))) return [{ fact, above: false }]
    return fact.path.startsWith(prefix) ? [{ fact, above: true }] : []
  })
}
