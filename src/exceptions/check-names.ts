import { matchesGlob } from '../cluster/application/config.ts'
import type { Check } from '../engines/check.ts'

/** A check, where the name stands for it on resources of one kind only with that kind. */
export interface CheckRef {
  readonly id: string
  readonly kind?: string
}

interface Alias extends CheckRef {
  readonly alias: string
}

/** Which checks a name in an exception stands for: `privileged`, `host-*`, `polaris:hostIPCSet`, `trivy:*`. */
export class CheckNames {
  readonly #ids: readonly string[]
  readonly #byTool = new Map<string, Alias[]>()
  readonly #found = new Map<string, readonly CheckRef[]>()

  constructor(checks: Iterable<Check>) {
    const ids = new Set<string>()
    for (const check of checks) {
      ids.add(check.id)
      for (const [tool, text] of Object.entries(check.aliases)) this.#add(tool, check.id, text)
    }
    this.#ids = [...ids].sort()
  }

  /** None for a name that no check of ours carries. */
  resolve(name: string): readonly CheckRef[] {
    const known = this.#found.get(name)
    if (known) return known
    const found = this.#resolve(name)
    this.#found.set(name, found)
    return found
  }

  #resolve(name: string): readonly CheckRef[] {
    const colon = name.indexOf(':')
    if (colon < 0) return this.#ids.filter((id) => matchesGlob(name, id)).map((id) => ({ id }))
    const tool = name.slice(0, colon)
    const wanted = plainId(tool, name.slice(colon + 1))
    const refs = (this.#byTool.get(tool) ?? []).filter(({ alias }) => matchesGlob(wanted, alias))
    const unique = new Map(refs.map(({ id, kind }) => [`${id} ${kind ?? ''}`, { id, ...(kind ? { kind } : {}) }]))
    return [...unique.values()]
  }

  /** `a, b`, or by kind `ClusterRole=a, Role=b` (engines/check.ts). */
  #add(tool: string, id: string, text: string): void {
    const all = this.#byTool.get(tool) ?? []
    this.#byTool.set(tool, all)
    for (const part of text.split(', ')) {
      const equals = part.indexOf('=')
      const alias = plainId(tool, part.slice(equals + 1))
      if (alias !== '') all.push({ id, alias, ...(equals < 0 ? {} : { kind: part.slice(0, equals) }) })
    }
  }
}

/** Trivy writes one id as KSV017, KSV-0017 and AVD-KSV-0017; it, Kubescape and Checkov are read without regard to case. */
function plainId(tool: string, id: string): string {
  if (tool === 'trivy') {
    const match = /^(?:AVD-)?(KSV|KCV)-?(\d+)$/i.exec(id)
    return match ? `${(match[1] as string).toUpperCase()}-${Number(match[2])}` : id.toUpperCase()
  }
  return tool === 'kubescape' || tool === 'checkov' ? id.toUpperCase() : id
}

/** Polaris' ids that some check carries. */
export function polarisIds(checks: Iterable<Check>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { aliases } of checks)
    for (const part of (Object.hasOwn(aliases, 'polaris') ? (aliases.polaris ?? '') : '').split(', '))
      if (part !== '') found.add(part.slice(part.indexOf('=') + 1))
  return found
}
