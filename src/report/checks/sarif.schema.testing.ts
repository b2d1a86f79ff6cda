/**
 * For tests: the part of the schema of SARIF 2.1.0 (OASIS, sarif-schema-2.1.0) that our documents use. As there, an
 * object has no other properties than those that are named; what is required here is so there or by its prose.
 */
const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const place = { type: 'integer', minimum: 1 }
const level = { enum: ['none', 'note', 'warning', 'error'] }

function object(required: readonly string[], properties: Readonly<Record<string, unknown>>): object {
  return { type: 'object', additionalProperties: false, required, properties }
}

function list(items: object, rest: object = {}): object {
  return { type: 'array', items, ...rest }
}

const uri = { type: 'string', format: 'uri-reference', pattern: '^[^\\s<>"{}|\\\\^`]+$' }
const message = object(['text'], { text, markdown: text })
const multiformat = object(['text'], { text, markdown: text })
const bag = {
  type: 'object',
  properties: {
    tags: list(text, { uniqueItems: true }),
    'security-severity': { type: 'string', pattern: '^\\d+\\.\\d$' },
  },
}
const artifactLocation = object(['uri'], { uri, uriBaseId: text })
const region = object(['startLine'], {
  startLine: place,
  startColumn: place,
  endLine: place,
  endColumn: place,
})
const physicalLocation = object(['artifactLocation'], { artifactLocation, region })
const logicalLocation = object(['fullyQualifiedName'], { name: text, fullyQualifiedName: text, kind: text })
const location = object([], {
  id: { type: 'integer', minimum: -1 },
  physicalLocation,
  logicalLocations: list(logicalLocation, { uniqueItems: true }),
  message,
})
const rule = object(['id'], {
  id: text,
  shortDescription: multiformat,
  fullDescription: multiformat,
  help: multiformat,
  helpUri: { type: 'string', format: 'uri', pattern: '^https://' },
  defaultConfiguration: object([], { level }),
  properties: bag,
})
const notification = object(['message'], {
  descriptor: object(['id'], { id: text }),
  level,
  message,
  locations: list(location, { uniqueItems: true }),
})
const suppression = object(['kind'], {
  kind: { enum: ['inSource', 'external'] },
  status: { enum: ['accepted', 'underReview', 'rejected'] },
  justification: text,
})
const replacement = object(['deletedRegion'], { deletedRegion: region, insertedContent: object([], { text }) })
const fix = object(['artifactChanges'], {
  description: message,
  artifactChanges: list(
    object(['artifactLocation', 'replacements'], {
      artifactLocation,
      replacements: list(replacement, { minItems: 1 }),
    }),
    { minItems: 1, uniqueItems: true },
  ),
})
const result = object(['message'], {
  ruleId: text,
  ruleIndex: count,
  kind: { enum: ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'] },
  level,
  message,
  locations: list(location),
  relatedLocations: list(location, { uniqueItems: true }),
  partialFingerprints: { type: 'object', additionalProperties: text },
  suppressions: list(suppression, { uniqueItems: true }),
  fixes: list(fix, { uniqueItems: true }),
  properties: bag,
})

export const SARIF_SCHEMA = object(['version', 'runs'], {
  $schema: { type: 'string', format: 'uri' },
  version: { const: '2.1.0' },
  runs: list(
    object(['tool'], {
      tool: object(['driver'], {
        driver: object(['name'], { name: text, version: text, rules: list(rule, { uniqueItems: true }) }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      invocations: list(
        object(['executionSuccessful'], {
          executionSuccessful: { type: 'boolean' },
          toolExecutionNotifications: list(notification),
        }),
      ),
      results: list(result),
    }),
  ),
})
