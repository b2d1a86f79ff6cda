import { rulesOfSubject } from '../../../engines/access/questions/rules.ts'
import { rulesCsv, rulesDocument, rulesLines } from '../../../report/access/rules.ts'
import { jsonLines } from '../../../report/json.ts'
import { yamlText } from '../../../report/yaml.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { type QuestionFlags, readAccess, subjectOf } from './sources.ts'

const FORMATS = ['table', 'json', 'yaml', 'csv'] as const

/** All that a subject may: with -n in that namespace, with -A everywhere at once, else wherever it may something. */
export async function rules(flags: QuestionFlags, [who = '']: readonly string[]): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const subject = subjectOf(who)
  const { view, code } = await readAccess(flags)
  const namespace = flags.allNamespaces === true ? '' : flags.namespace
  const found = rulesOfSubject(view, subject, namespace)
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () =>
        rulesLines(namespace, found, terminal(process.stdout, target.file !== undefined)).map((line) => `${line}\n`),
      json: () => jsonLines(rulesDocument(view, namespace, found)),
      yaml: () => [yamlText(rulesDocument(view, namespace, found))],
      csv: () => rulesCsv(view, found),
    }
    await write(pieces[target.format](), target)
  }
  return code
}
