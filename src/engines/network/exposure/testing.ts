import { clusterOf } from '../../../cluster/testing.ts'
import { formatPorts } from '../ports.ts'
import { exposures } from './exposures.ts'

/** For tests: what YAML text exposes, one line each: `exposed-ingress web TCP 8080 yes`. */
export function waysIn(...texts: readonly string[]): readonly string[] {
  return exposures(clusterOf(texts.join('\n---\n'))).map(
    ({ kind, workload, ports, truth }) => `${kind} ${workload.split('/')[2]} ${formatPorts(ports)} ${truth}`,
  )
}

/** For tests: a pod that serves port 80, and a Service of its name that leads to it. */
export const served = (name: string): string => `
kind: Pod
apiVersion: v1
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
kind: Service
apiVersion: v1
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{port: 80}]}`
