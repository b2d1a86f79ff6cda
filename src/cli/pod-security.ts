import { minorOf } from '../engines/policy/check.ts'
import { LATEST_POD_SECURITY } from '../engines/policy/selection.ts'

interface VersionFlags {
  readonly profileVersion?: string
  readonly quiet?: boolean
}

/** The minor of `--profile-version`; undefined: the latest. A newer one than is known means the latest, as in the API server, and is told. */
export function podSecurityOf({ profileVersion, quiet }: VersionFlags): number | undefined {
  const minor = profileVersion === undefined ? undefined : minorOf(profileVersion)
  if (minor !== undefined && minor > LATEST_POD_SECURITY && quiet !== true)
    process.stderr.write(
      `Pod Security ${profileVersion} is newer than v1.${LATEST_POD_SECURITY}, the latest that is known, whose rules are taken\n`,
    )
  return minor
}
