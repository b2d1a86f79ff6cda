import { PROBLEMS } from '../../src/errors.ts'
import { cell, GENERATED } from './markdown.ts'

const MEANINGS: Readonly<Record<keyof typeof PROBLEMS, string>> = {
  BH_READ: 'The file or folder does not exist, or may not be read. Check the path and its rights.',
  BH_NOT_REGULAR:
    'A device, socket or pipe lies in the folder. It is left out, so that no scan waits for it. Name it with `-f -` to read a stream.',
  BH_TOO_LARGE: 'What had been read up to the limit was scanned. Raise it with `--max-input`, or split the file.',
  BH_DOCUMENT_TOO_LARGE:
    'One document is far larger than the API server takes (etcd: 1.5 MiB). It is left out, the rest is read.',
  BH_TOO_MANY:
    'More documents or problems of one source, or objects of the run, than a run keeps. What came before was scanned; files after the place that is told were not read. `--max-objects` raises the number of objects.',
  BH_STALLED: 'A stream gave nothing for a minute. What had come was scanned.',
  BH_GZIP: 'The compressed file is damaged or cut off. What could be unpacked was scanned.',
  BH_ZSTD:
    'A log that is compressed with zstd is damaged or cut off, or something else follows it. What could be unpacked was read.',
  BH_ARCHIVE:
    'A tar or zip file. Unpack it first, and name the folder with `-R`. Of `--history`, tar archives of audit and flow logs are read, but not archives in archives.',
  BH_UTF8: 'The document is not UTF-8, so kubectl could not send it. Save it as UTF-8.',
  BH_YAML: 'The document is no YAML that kubectl reads. It is left out; the other documents of the file are read.',
  BH_JSON: 'The document is no JSON. What came before it was read.',
  BH_DEPTH: 'The document is nested deeper than the API server takes.',
  BH_SEPARATOR: 'The YAML library of kubectl refuses text after a separator. Put it on the next line.',
  BH_OBJECT:
    'The document has apiVersion and kind, but is no object: its name is missing or not a string, for example.',
  BH_HISTORY:
    'A path of `--history` holds neither an audit log nor flows, or a second audit policy, or what is known and not read ([audit logs](audit-logs.md)). The other files are replayed.',
  BH_DIRECTORY:
    'A row or resource of `--directory` is not understood: it names no user, or its status or date is not clear. The others are read.',
  BH_CLOUD:
    'A file of `--cloud` is no export that is read, is not whole, or an item of it names nothing. The others are read; see [the forms](../guides/cloud.md).',
  BH_NOTHING:
    'Nothing in the input is a Kubernetes object. Give manifests or `kubectl get -o yaml`; add `-R` for folders inside folders.',
}

export function errorsPage(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([code, text]) =>
      `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${cell(text)} | ${MEANINGS[code as keyof typeof PROBLEMS]} |`,
  )
  return `${GENERATED}
# Errors

Every problem with the input carries a code (what is wrong with the command line is told in words), and where it has one a file, line and column. One broken document never stops the rest. What
could not be read is counted in the report (\`inputs.unreadable\`), is an unknown, and makes the command exit with 3 unless \`--allow-partial\`
was given.

| code | message | meaning, and what to do |
|---|---|---|
${rows.join('\n')}
`
}
