// Reads what `access stream` prints, and says where the product answers otherwise: go run ./access stream 0 4000 | node access/compare.ts
import { createInterface } from 'node:readline'
import { type Compared, compare, usersOf } from '../../src/authz/vectors.testing.ts'
import type { Json } from '../../src/cluster/json.ts'
import { field, string } from '../../src/cluster/json.ts'

const found: Compared = { requests: 0, granted: 0, byMany: 0, writes: 0, refused: 0, differences: [] }
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const header = JSON.parse((await lines.next()).value ?? 'null') as Json
const users = usersOf(header)
let policies = 0
for await (const line of lines) {
  compare(JSON.parse(line) as Json, users, found)
  policies++
}
const { requests, granted, byMany, writes, refused, differences } = found
console.log(
  `Kubernetes ${string(field(header, 'kubernetes'))}: ${requests} requests, ${granted} granted, ${byMany} of them by ` +
    `several bindings; ${writes} writes of roles and bindings, ${refused} refused; ${differences.length} differences`,
)
for (const difference of differences.slice(0, 20)) console.log(difference)
const isWhole = policies > 0 && policies === field(header, 'policies')
if (!isWhole) console.log(`the answers end after ${policies} policies`)
if (differences.length > 0 || !isWhole) process.exitCode = 1
