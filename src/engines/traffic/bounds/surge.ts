import { at, type Json, number, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'

/**
 * Pods beyond the wanted ones while a rollout lasts. A percentage counts from the wanted ones, rounded up
 * (pkg/controller/deployment/util ResolveFenceposts).
 */
export function surgeOf({ group, kind, body }: KubeObject, replicas: number): number {
  switch (`${group}/${kind}`) {
    case 'apps/Deployment':
      return string(at(body, 'spec', 'strategy', 'type')) === 'Recreate'
        ? 0
        : shareOf(at(body, 'spec', 'strategy', 'rollingUpdate', 'maxSurge') ?? '25%', replicas)
    case 'apps/DaemonSet':
      return string(at(body, 'spec', 'updateStrategy', 'type')) === 'OnDelete'
        ? 0
        : shareOf(at(body, 'spec', 'updateStrategy', 'rollingUpdate', 'maxSurge') ?? 0, replicas)
    case 'argoproj.io/Rollout': {
      const blueGreen = at(body, 'spec', 'strategy', 'blueGreen')
      if (blueGreen !== undefined) return replicas
      return shareOf(at(body, 'spec', 'strategy', 'canary', 'maxSurge') ?? '25%', replicas)
    }
    default:
      return 0
  }
}

function shareOf(value: Json, replicas: number): number {
  const count = number(value)
  if (count !== undefined) return count >= 0 ? Math.min(Math.floor(count), 2 ** 31 - 1) : 0
  const percent = /^(\d{1,3})%$/.exec(string(value) ?? '')
  return percent ? Math.ceil((Number(percent[1]) * replicas) / 100) : 0
}
