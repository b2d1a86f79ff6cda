/** What a keyword of JSON Schema 2019-09 holds: by this a schema is checked before anything is judged by it. */
export type Holds =
  | 'schema'
  | 'schemas'
  | 'schema-map'
  | 'schema-or-schemas'
  | 'number'
  | 'count'
  | 'texts'
  | 'texts-map'
  | 'dependencies'
  | 'type'
  | 'pattern'
  | 'pattern-map'
  | 'boolean'
  | 'any'
  | 'list'
  | 'reference'
  | 'quantity'

export const KEYWORDS: ReadonlyMap<string, Holds> = new Map<string, Holds>([
  ['type', 'type'],
  ['const', 'any'],
  ['enum', 'list'],
  ['properties', 'schema-map'],
  ['patternProperties', 'pattern-map'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['required', 'texts'],
  ['dependentRequired', 'texts-map'],
  ['dependentSchemas', 'schema-map'],
  ['dependencies', 'dependencies'],
  ['minProperties', 'count'],
  ['maxProperties', 'count'],
  ['items', 'schema-or-schemas'],
  ['additionalItems', 'schema'],
  ['contains', 'schema'],
  ['minContains', 'count'],
  ['maxContains', 'count'],
  ['minItems', 'count'],
  ['maxItems', 'count'],
  ['uniqueItems', 'boolean'],
  ['minimum', 'number'],
  ['maximum', 'number'],
  ['exclusiveMinimum', 'number'],
  ['exclusiveMaximum', 'number'],
  ['multipleOf', 'number'],
  ['minLength', 'count'],
  ['maxLength', 'count'],
  ['pattern', 'pattern'],
  ['allOf', 'schemas'],
  ['anyOf', 'schemas'],
  ['oneOf', 'schemas'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['$ref', 'reference'],
  ['$defs', 'schema-map'],
  ['definitions', 'schema-map'],
  // Polaris' own (pkg/config/schema.go).
  ['resourceMinimum', 'quantity'],
  ['resourceMaximum', 'quantity'],
])

/** Say something of a schema and decide nothing. `format` is an annotation since 2019-09. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'format',
  'contentEncoding',
  'contentMediaType',
])

export const TYPES: ReadonlySet<string> = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'])
