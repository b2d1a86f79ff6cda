import type { Path, Step } from '../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../cluster/object.ts'
import type { Check } from '../check.ts'
import type { Severity } from '../engine.ts'

/** A policy of the catalogue, or a user's, as a check: what its annotations say of it. */
export interface PolicyCheck extends Check {
  readonly policy: KubeObject
  /**
   * Where the fault may stand: below each offender, or below the pod spec, or the object (docs/guides/write-a-check.md).
   * Of several, the first that is there.
   */
  readonly fields: readonly Path[]
  /** Of the Pod Security controls. */
  readonly podSecurity?: PodSecurityControl
  /** The first minor release of Kubernetes that takes the policy. */
  readonly minimum: number
}

export interface PodSecurityControl {
  readonly level: 'baseline' | 'restricted'
  /** The first policy version, v1.N, that this text is the meaning of. */
  readonly since: number
  /** Pod Security's ids of the baseline controls that this one says more strictly. */
  readonly overrides: readonly string[]
}

export const PREFIX = 'bulkhead.dev/'
const SEVERITIES: ReadonlySet<string> = new Set(['critical', 'high', 'medium', 'low'])
const CATEGORIES: ReadonlySet<string> = new Set(['security', 'reliability', 'efficiency'])
/** ValidatingAdmissionPolicy is generally available since 1.30. */
const GENERALLY_AVAILABLE = 30

/** Of a policy without annotations, as users write them: its name is the title, medium its severity. */
export function checkOf(policy: KubeObject): PolicyCheck {
  const annotations = annotationsOf(policy.body)
  const get = (name: string): string | undefined => annotations.get(PREFIX + name)
  const severity = get('severity') ?? 'medium'
  const category = get('category') ?? 'security'
  const level = get('pod-security')
  const polaris = get('polaris-severity')
  return {
    policy,
    // The older meanings of a Pod Security control are named after their versions.
    id: level === undefined ? policy.name : policy.name.replace(/-v1\.\d+$/, ''),
    title: get('title') ?? policy.name,
    severity: SEVERITIES.has(severity) ? (severity as Severity) : 'medium',
    category: CATEGORIES.has(category) ? (category as Check['category']) : 'security',
    profiles: words(get('profiles')),
    aliases: aliasesOf(annotations),
    ...(polaris === 'danger' || polaris === 'warning' ? { polaris } : {}),
    references: (get('references') ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    ...(get('mandatory') === 'true' ? { mandatory: true as const } : {}),
    fields: (get('field') ?? '').split(', ').map(parsePath),
    ...(level === 'baseline' || level === 'restricted'
      ? {
          podSecurity: {
            level,
            since: minorOf(get('pod-security-since')) ?? 0,
            overrides: words(get('pod-security-overrides')),
          },
        }
      : {}),
    minimum: minorOf(get('minimum-version')) ?? GENERALLY_AVAILABLE,
  }
}

function aliasesOf(annotations: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const start = `${PREFIX}alias.`
  const found: [string, string][] = []
  for (const [key, value] of annotations) if (key.startsWith(start)) found.push([key.slice(start.length), value])
  return Object.fromEntries(found)
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '')
}

/** `v1.25` is 25. */
export function minorOf(text: string | undefined): number | undefined {
  const match = /^v?1\.(\d{1,3})$/.exec(text ?? '')
  return match ? Number(match[1]) : undefined
}

/** `spec.ports[0].name`; `metadata.annotations["a.b/c"]`. */
export function parsePath(text: string): Path {
  const steps: Step[] = []
  for (const [, key, quoted, index] of text.matchAll(/([^.[\]"]+)|\["([^"]*)"\]|\[(\d+)\]/g))
    steps.push(index === undefined ? (quoted ?? (key as string)) : Number(index))
  return steps
}
