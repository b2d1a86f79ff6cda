import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInKinds, type FieldSchema, type StructSchema, schemaOf, type ValueSchema } from './schema.ts'

function struct(value: ValueSchema | undefined): StructSchema {
  if (value?.kind === 'struct') return value.struct
  assert.ok(value?.kind === 'list' || value?.kind === 'map' || value?.kind === 'pointer')
  return struct(value.of)
}

function fieldAt(kind: StructSchema | undefined, ...path: readonly string[]): FieldSchema {
  const field = kind?.fields.get(path[0] as string)
  assert.ok(field, path[0])
  return path.length === 1 ? field : fieldAt(struct(field.value), ...path.slice(1))
}

test('types, what is left out, and how fields are merged', () => {
  const pod = schemaOf('', 'v1', 'Pod')
  const template = schemaOf('apps', 'v1', 'Deployment')
  assert.equal(pod?.name, 'core/v1.Pod')
  assert.deepEqual(fieldAt(pod, 'spec', 'hostNetwork'), {
    name: 'hostNetwork',
    value: { kind: 'boolean' },
    omitEmpty: true,
    omitZero: false,
  })
  const ports = fieldAt(template, 'spec', 'template', 'spec', 'containers', 'ports')
  assert.deepEqual(ports.list, { type: 'map', keys: ['containerPort', 'protocol'] })
  assert.deepEqual(ports.patch, { strategies: ['merge'], mergeKey: 'containerPort' })
  assert.deepEqual(fieldAt(pod, 'spec', 'volumes').patch, { strategies: ['merge', 'retainKeys'], mergeKey: 'name' })
  assert.deepEqual(fieldAt(pod, 'metadata', 'finalizers').list, { type: 'set', keys: [] })
  assert.equal(fieldAt(pod, 'spec', 'tolerations').list, undefined)
  assert.equal(fieldAt(template, 'spec', 'selector').map, 'atomic')
  assert.equal(fieldAt(pod, 'spec', 'containers').omitEmpty, false)
  assert.equal(fieldAt(pod, 'spec', 'containers', 'livenessProbe', 'httpGet', 'port').value.kind, 'intOrString')
  assert.deepEqual(fieldAt(pod, 'spec', 'overhead').value, { kind: 'map', of: { kind: 'quantity' } })
})

test('a field is of its releases', () => {
  assert.equal(schemaOf('', 'v1', 'Pod', 29)?.fields, schemaOf('', 'v1', 'Pod', 29)?.fields)
  const context = (minor: number) => struct(fieldAt(schemaOf('', 'v1', 'Pod', minor), 'spec', 'securityContext').value)
  assert.equal(context(29).fields.has('appArmorProfile'), false)
  assert.equal(context(30).fields.has('appArmorProfile'), true)
  assert.equal(fieldAt(schemaOf('', 'v1', 'Pod', 33), 'metadata', 'creationTimestamp').omitZero, false)
  assert.equal(fieldAt(schemaOf('', 'v1', 'Pod', 34), 'metadata', 'creationTimestamp').omitZero, true)
  const group = 'admissionregistration.k8s.io'
  assert.equal(schemaOf(group, 'v1', 'ValidatingAdmissionPolicy', 29), undefined)
  assert.ok(schemaOf(group, 'v1', 'ValidatingAdmissionPolicy', 30))
  assert.equal(schemaOf('argoproj.io', 'v1alpha1', 'Rollout'), undefined)
})

test('every line of the table can be read, in every release', () => {
  let fields = 0
  let empty = 0
  const seen = new Set<StructSchema>()
  const visit = (value: ValueSchema): void => {
    if ('of' in value) visit(value.of)
    else if ('struct' in value) read(value.struct)
  }
  const read = (schema: StructSchema): void => {
    if (seen.has(schema)) return
    seen.add(schema)
    if (schema.fields.size === 0) empty++
    for (const field of schema.fields.values()) {
      assert.match(field.name, /^[$A-Za-z][\w$-]*$/)
      fields++
      visit(field.value)
    }
  }
  for (let minor = 28; minor <= 37; minor++) {
    for (const kind of builtInKinds()) {
      const [name = '', version = '', group = ''] = kind.split('/').reverse()
      const schema = schemaOf(group, version, name, minor)
      if (schema) read(schema)
    }
  }
  assert.ok(fields > 30_000, String(fields))
  // A handful of Go structs have no fields (`CustomResourceSubresourceStatus`).
  assert.ok(empty > 0 && empty < 100, String(empty))
})
