import { podSelection } from '../application/pods.ts'
import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, list, number } from '../json.ts'
import { plainSelector } from '../labels.ts'
import type { Container } from '../pod.ts'
import type { Workload } from '../workload.ts'
import { CLIENT_COMMANDS, HELPER_IMAGES, HELPERS, STORE_IMAGES, STORE_PORTS } from './store-kinds.ts'

/** What runs to its end only talks to a store, whatever its image. */
export function bySoftware({ kind, specs }: Workload): readonly Because[] {
  if (kind === 'Job' || kind === 'CronJob') return []
  return specs.flatMap(({ pod, object }) =>
    pod.containers.flatMap((container) => {
      if (container.role === 'init' || container.role === 'ephemeral' || isClient(container)) return []
      const name = softwareOf(container.image)
      const parts = name.split(/[-_.]/)
      if (isHelperName(name)) return []
      if (parts.some((part) => STORE_IMAGES.has(part)))
        return [because(`runs ${name}`, object, [...container.path, 'image'])]
      const port = container.ports.find((each) => STORE_PORTS.has(each.port))
      return port ? [because(`serves port ${port.port}, as ${STORE_PORTS.get(port.port)} does`, object, port.path)] : []
    }),
  )
}

function isHelperName(name: string): boolean {
  return HELPERS.has(name) || name.split(/[-_.]/).some((part) => HELPER_IMAGES.has(part))
}

/** Whether it only runs what talks to a store, stands before one or watches one. */
export function isHelper({ specs }: Workload): boolean {
  const names = specs.flatMap(({ pod }) =>
    pod.containers.flatMap(({ role, image }) => (role === 'app' ? [softwareOf(image)] : [])),
  )
  return names.length > 0 && names.every(isHelperName)
}

/** The last part of the image's name: `registry.example.com/bitnami/postgresql-repmgr:16` is `postgresql-repmgr`. */
function softwareOf(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1)
  return name.slice(0, MAX_NAME).split(/[:@]/)[0]?.toLowerCase() ?? ''
}

const MAX_NAME = 128

function isClient({ command, args }: Container): boolean {
  const first = command[0] ?? args[0] ?? ''
  if (CLIENT_COMMANDS.test(first)) return true
  const script = /(^|\/)(ba|a)?sh$/.test(first)
    ? ([...command, ...args].find((each, index) => index > 0 && !each.startsWith('-')) ?? '')
    : ''
  return /^\s*(exec\s+)?(sleep|tail\s+-f|while\s+true)\b/.test(script)
}

/** The Services that lead to a workload by a port that names a store, where its containers declare none. */
export function servedPorts(cluster: Cluster): ReadonlyMap<string, readonly Because[]> {
  const found = new Map<string, Because[]>()
  const pods = podSelection(cluster)
  for (const service of cluster.ofKind('Service')) {
    const ports = list(at(service.body, 'spec', 'ports'))
    const index = ports.findIndex((each) =>
      STORE_PORTS.has(number(field(each, 'targetPort')) ?? number(field(each, 'port')) ?? 0),
    )
    const selector = plainSelector(at(service.body, 'spec', 'selector'))
    if (index < 0 || !selector) continue
    const port = number(field(ports[index], 'targetPort')) ?? number(field(ports[index], 'port')) ?? 0
    const why = because(
      `Service ${service.name} leads to its port ${port}, which is that of ${STORE_PORTS.get(port)}`,
      service,
      ['spec', 'ports', index],
    )
    for (const id of pods.select(service.namespace, selector)) if (!found.has(id)) found.set(id, [why])
  }
  return found
}
