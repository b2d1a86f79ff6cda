// How each program is called. Everything listens on the loopback address alone.
import { join } from 'node:path'

export type Layout = {
  readonly folder: string
  readonly ports: { readonly etcd: number; readonly peer: number; readonly apiserver: number }
}

/** What may be set from outside: flags are added last, so they win over those here. */
export type ApiserverOptions = {
  readonly flags?: readonly string[]
  /** An audit policy file, and the log that is written by it. */
  readonly audit?: { readonly policy: string; readonly log: string }
}

export const files = (folder: string) => ({
  tokens: join(folder, 'tokens.csv'),
  accounts: join(folder, 'service-accounts.pem'),
  certificates: join(folder, 'certificates'),
  /** Made by kube-apiserver itself when it starts without a certificate; it holds its issuer as well. */
  certificate: join(folder, 'certificates', 'apiserver.crt'),
  kubeconfig: join(folder, 'kubeconfig.json'),
  controllers: join(folder, 'controllers.json'),
})

export function etcdFlags({ folder, ports }: Layout): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.peer}`
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

/** Admission plugins and feature gates stay at their defaults. */
export function apiserverFlags({ folder, ports }: Layout, options: ApiserverOptions): string[] {
  const at = files(folder)
  const flags = [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // A loopback address is refused as the endpoint of the Service `kubernetes`.
    '--endpoint-reconciler-type=none',
    `--secure-port=${ports.apiserver}`,
    `--cert-dir=${at.certificates}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${at.accounts}`,
    `--service-account-signing-key-file=${at.accounts}`,
    '--authorization-mode=Node,RBAC',
    `--token-auth-file=${at.tokens}`,
    // Else every privileged container is refused by the validation of pods.
    '--allow-privileged=true',
  ]
  if (options.audit) flags.push(`--audit-policy-file=${options.audit.policy}`, `--audit-log-path=${options.audit.log}`)
  return [...flags, ...(options.flags ?? [])]
}

export function controllerFlags({ folder }: Layout): string[] {
  const at = files(folder)
  return [
    `--kubeconfig=${at.controllers}`,
    `--service-account-private-key-file=${at.accounts}`,
    `--root-ca-file=${at.certificate}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    // Nodes of tests send no heartbeat.
    '--node-monitor-grace-period=24h',
  ]
}
