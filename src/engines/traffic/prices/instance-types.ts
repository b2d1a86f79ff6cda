import gcp from './gcp.json' with { type: 'json' }

/** vCPUs and GiB of a machine type, as its name says them; undefined for a name that does not. */
export interface MachineSize {
  readonly vcpus: number
  readonly gib: number
}

export function machineSize(type: string): MachineSize | undefined {
  return ofAws(type) ?? ofGoogle(type)
}

/** GiB for each vCPU, by the letters of an EC2 family: those that are the same in all its generations. */
const AWS_RATIOS: readonly (readonly [RegExp, number])[] = [
  [/^c[5-9]/, 2],
  [/^m[4-9]/, 4],
  [/^r[5-9]/, 8],
]
const BURSTABLE: ReadonlyMap<string, MachineSize> = new Map([
  ['nano', { vcpus: 2, gib: 0.5 }],
  ['micro', { vcpus: 2, gib: 1 }],
  ['small', { vcpus: 2, gib: 2 }],
  ['medium', { vcpus: 2, gib: 4 }],
  ['large', { vcpus: 2, gib: 8 }],
  ['xlarge', { vcpus: 4, gib: 16 }],
  ['2xlarge', { vcpus: 8, gib: 32 }],
])

function ofAws(type: string): MachineSize | undefined {
  const [family = '', size = '', ...rest] = type.split('.')
  if (rest.length > 0 || !/^[a-z]+\d[a-z0-9-]*$/.test(family)) return undefined
  if (/^t(?:3|3a|4g)$/.test(family)) return BURSTABLE.get(size)
  // c5n has more memory than its name says.
  const ratio = family === 'c5n' ? 2.625 : AWS_RATIOS.find(([pattern]) => pattern.test(family))?.[1]
  const vcpus = size === 'medium' ? 1 : size === 'large' ? 2 : xlarges(size)
  return ratio === undefined || vcpus === undefined ? undefined : { vcpus, gib: vcpus * ratio }
}

function xlarges(size: string): number | undefined {
  const times = /^(\d{0,2})xlarge$/.exec(size)
  return times ? Number(times[1] || 1) * 4 : undefined
}

interface Family {
  readonly vcpuHour: string
  readonly gbHour: string
  readonly standard?: number
  readonly highmem?: number
  readonly highcpu?: number
}

const FAMILIES: ReadonlyMap<string, Family> = new Map(Object.entries(gcp.families as Record<string, Family>))

/** The family and size of `e2-standard-4`; `n2-custom-8-16384` names both outright. */
export function googleMachine(type: string): (MachineSize & { readonly family: Family }) | undefined {
  const predefined = /^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-(\d{1,3})$/.exec(type)
  const custom = /^([a-z]\d[a-z]?)-custom-(\d{1,3})-(\d{1,8})$/.exec(type)
  const family = FAMILIES.get((predefined ?? custom)?.[1] ?? '')
  if (!family) return undefined
  if (custom) return { family, vcpus: Number(custom[2]), gib: Number(custom[3]) / 1024 }
  const ratio = family[predefined?.[2] as 'standard' | 'highmem' | 'highcpu']
  const vcpus = Number(predefined?.[3])
  return ratio === undefined ? undefined : { family, vcpus, gib: vcpus * ratio }
}

function ofGoogle(type: string): MachineSize | undefined {
  const machine = googleMachine(type)
  return machine && { vcpus: machine.vcpus, gib: machine.gib }
}
