import { LATEST_POD_SECURITY } from '../../src/engines/policy/selection.ts'
import type { CheckFolder } from './check-folder.ts'
import { code, GENERATED, table } from './markdown.ts'

/** The controls of Pod Security, and from which policy version on which text is their meaning. */
export function podSecurityPage(folders: readonly CheckFolder[]): string {
  const controls = folders.filter(({ check }) => check.podSecurity !== undefined)
  const rows = (level: 'baseline' | 'restricted'): string =>
    table(
      ['control', 'check', 'policy versions', 'says more strictly'],
      controls
        .filter(({ check }) => check.podSecurity?.level === level)
        .toSorted((a, b) => (a.check.aliases.pss ?? '').localeCompare(b.check.aliases.pss ?? '', 'en'))
        .map(({ check, versions }) => [
          code(check.aliases.pss ?? ''),
          `[${check.id}](checks/${check.id}.md)`,
          versions.map(({ since, file }) => `[v1.${since}](../../policies/${check.id}/${file})`).join(', '),
          (check.podSecurity?.overrides ?? []).map(code).join(', '),
        ]),
    )
  return `${GENERATED}
# Pod Security

The profiles \`baseline\` and \`restricted\` are the ${controls.length} controls of \`k8s.io/pod-security-admission\` and nothing else; \`restricted\` includes those of
\`baseline\` that no control of its own says more strictly.

    bulkhead policy eval -f manifests/ -R --profile restricted --profile-version v1.30

## Versions

A namespace may pin the version of the standard (\`pod-security.kubernetes.io/enforce-version\`), and the meaning of controls has changed: the newest text
whose version is not newer than \`--profile-version\` holds. Without it that is v1.${LATEST_POD_SECURITY}, the latest that is known. The list of a control
begins with the version in which it came. Each text is a policy of its own; the newest is \`policy.yaml\`, older ones carry their version in the name.

## Baseline

${rows('baseline')}

## Restricted

${rows('restricted')}

## How it is proved

\`oracle/podsecurity\` asks Kubernetes' own evaluator about pods with every fault in every kind of container, and about random ones, at every policy version from
v1.0 to v1.${LATEST_POD_SECURITY}; \`src/engines/policy/pod-security.oracle.test.ts\` compares the verdicts. Two things differ from the plugin in a cluster:

- The plugin looks at workloads only to warn and audit, and refuses pods. Here every kind with a pod template is judged as its pods would be, custom kinds such as
  Rollout included.
- Exemptions by user, runtime class and namespace are settings of the API server, which no object shows. They are not assumed.
`
}
