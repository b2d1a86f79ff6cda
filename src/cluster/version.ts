/** The minor version of Kubernetes whose rules apply, and who says so. */
export interface KubernetesVersion {
  readonly minor: number
  readonly from: 'flag' | 'server' | 'node' | 'default'
  /** As it was written: `v1.31.2+k3s1`. */
  readonly text: string
}

export const DEFAULT_MINOR = 36

const VERSION = /^v?1\.(\d{1,3})(?![\d])/

export function parseMinor(text: string): number | undefined {
  const match = VERSION.exec(text)
  return match ? Number(match[1]) : undefined
}

/** The flag, else what the server said of itself, else the newest kubelet, else the default. */
export function chooseVersion(
  flag: string | undefined,
  server: string | undefined,
  kubelets: readonly string[],
): KubernetesVersion {
  const candidates: [KubernetesVersion['from'], string | undefined][] = [
    ['flag', flag],
    ['server', server],
  ]
  for (const [from, text] of candidates) {
    const minor = text === undefined ? undefined : parseMinor(text)
    if (text !== undefined && minor !== undefined) return { minor, from, text }
  }
  let newest: KubernetesVersion | undefined
  for (const text of kubelets) {
    const minor = parseMinor(text)
    if (minor !== undefined && minor > (newest?.minor ?? -1)) newest = { minor, from: 'node', text }
  }
  return newest ?? { minor: DEFAULT_MINOR, from: 'default', text: `v1.${DEFAULT_MINOR}` }
}
