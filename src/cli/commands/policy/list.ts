import { JOINS } from '../../../engines/joins.ts'
import { isPolicy } from '../../../engines/policy/admission/definition.ts'
import { checkOf } from '../../../engines/policy/check.ts'
import {
  catalogueChecks,
  inProfile,
  LATEST_POD_SECURITY,
  overriddenBy,
  type Profile,
} from '../../../engines/policy/selection.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import { readInputs } from '../../../observe/files/read.ts'
import { catalogueMarkdown, catalogueTable, type Listed, policyList } from '../../../report/checks/catalogue.ts'
import { jsonLines } from '../../../report/json.ts'
import { clean } from '../../../report/text.ts'
import { EXIT } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { podSecurityOf } from '../../pod-security.ts'
import { tellProblems } from '../../read.ts'
import { terminal } from '../../terminal.ts'

const FORMATS = ['table', 'json', 'name', 'md'] as const

export interface ListFlags {
  readonly profile?: Profile
  readonly profileVersion?: string
  readonly policy?: readonly string[]
  readonly output?: readonly string[]
  readonly outputFile?: string
}

/** The checks that there are: the catalogue, joins, and policies of the user. */
export async function list(flags: ListFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const catalogue = readCatalogue()
  const own = await readInputs(flags.policy ?? [], { recursive: true })
  tellProblems(own.problems)
  const policies = catalogueChecks(catalogue.policies, podSecurityOf(flags) ?? LATEST_POD_SECURITY)
  const overridden = overriddenBy(policies)
  const mutations = own.objects.filter(({ kind }) => kind === 'MutatingAdmissionPolicy')
  const fixes = new Set([...catalogue.fixes.keys(), ...mutations.map(({ name }) => name)])
  const isFixable = (id: string): boolean => fixes.has(id)
  const built: readonly Listed[] = [
    ...policies.map((check) => ({ check, minimum: check.minimum, isFixable: isFixable(check.id), isOwn: false })),
    ...JOINS.map(({ check }) => ({ check, isFixable: isFixable(check.id), isOwn: false })),
  ]
  const { profile = 'all' } = flags
  const listed = [
    ...built.filter(({ check }) => inProfile(check, profile, overridden)),
    ...own.objects
      .filter(isPolicy)
      .map(checkOf)
      .map((check) => ({ check, minimum: check.minimum, isFixable: isFixable(check.id), isOwn: true })),
  ]
  const document = policyList(listed, overridden)
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () =>
        catalogueTable(document, terminal(process.stdout, target.file !== undefined).width).map((line) => `${line}\n`),
      json: () => jsonLines(document),
      name: () => document.items.map(({ id }) => `${clean(id)}\n`),
      md: () => catalogueMarkdown(document),
    }
    await write(pieces[target.format](), target)
  }
  return own.problems.length > 0 ? EXIT.partial : EXIT.ok
}
