/**
 * Reads the on-demand prices of us-east-1 out of a release of karpenter-provider-aws (Apache-2.0), which the Go module
 * proxy has, and writes them into src/engines/traffic/prices/aws.json. Prices are facts; nothing else is taken.
 *
 *     node oracle/prices/aws.ts v1.14.1
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULE = 'github.com/aws/karpenter-provider-aws'
const version = process.argv[2] ?? 'v1.14.1'
const go = process.env.GO ?? 'go'
const downloaded = execFileSync(go, ['mod', 'download', '-json', `${MODULE}@${version}`], { encoding: 'utf8' })
const { Dir } = JSON.parse(downloaded) as { Dir: string }
const source = readFileSync(join(Dir, 'pkg/providers/pricing/zz_generated.pricing_aws.go'), 'utf8')

const generated = /generated at (\d{4}-\d{2}-\d{2})T\S+ for us-east-1/.exec(source)
if (!generated) throw new Error('the file does not say when its prices are from')
const start = source.indexOf('"us-east-1": {')
const end = source.indexOf('\n\t},', start)
if (start < 0 || end < 0) throw new Error('the file has no prices of us-east-1')
const families = new Map<string, Map<string, string>>()
for (const [, family = '', size = '', price = ''] of source
  .slice(start, end)
  .matchAll(/"([a-z0-9-]+)\.([a-z0-9-]+)": (\d+\.\d+)/g)) {
  const sizes = families.get(family) ?? new Map<string, string>()
  families.set(family, sizes.set(size, price.replace(/\.?0+$/, '')))
}

const prices = [...families]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([family, sizes]) => {
    const each = [...sizes].map(([size, price]) => `${size} ${price}`)
    return `    ${JSON.stringify(family)}: ${JSON.stringify(each.join(' '))}`
  })
const text = `{
  "generatedBy": "oracle/prices/aws.ts; do not edit",
  "source": ${JSON.stringify(`${MODULE} ${version}, pkg/providers/pricing (Apache-2.0)`)},
  "date": ${JSON.stringify(generated[1])},
  "region": "us-east-1",
  "perHour": {
${prices.join(',\n')}
  }
}
`
writeFileSync(fileURLToPath(new URL('../../src/engines/traffic/prices/aws.json', import.meta.url)), text)
