import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgesOf, truthOf } from '../testing.ts'

/** containerd internal/cri/opts WithCapabilities: add ALL, drop ALL, add by name, drop by name. */
const CASES: readonly (readonly [add: string, drop: string, truth: string])[] = [
  ['SYS_ADMIN', '', 'yes'],
  ['SYS_ADMIN', 'ALL', 'yes'],
  ['SYS_ADMIN', 'SYS_ADMIN', 'none'],
  ['SYS_ADMIN', 'CAP_SYS_ADMIN', 'none'],
  ['SYS_ADMIN, SYS_MODULE', 'SYS_ADMIN', 'yes'],
  ['ALL', '', 'yes'],
  ['ALL', 'ALL', 'none'],
  ['ALL, SYS_ADMIN', 'ALL', 'yes'],
  ['ALL', 'CHOWN', 'yes'],
  ['ALL', 'SYS_ADMIN', 'yes'],
  ['ALL', 'SYS_ADMIN, SYS_MODULE, DAC_READ_SEARCH, SYS_RAWIO, BPF, PERFMON', 'none'],
]

for (const [add, drop, truth] of CASES)
  test(`add [${add}], drop [${drop}]`, () => {
    const edges = edgesOf(`apiVersion: v1
kind: Node
metadata: {name: one}
---
apiVersion: v1
kind: Pod
metadata: {name: pod}
spec: {containers: [{name: main, image: x, securityContext: {capabilities: {add: [${add}], drop: [${drop}]}}}]}`)
    assert.equal(truthOf(edges, 'Pod/default/pod', 'Node//one'), truth)
  })
