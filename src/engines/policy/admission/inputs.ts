import { Unknown } from '../../../cel/error.ts'
import { type Authorizer, authorizerValue, requestResourceValue } from '../../../cel/library/authz.ts'
import type { Fields, Value } from '../../../cel/value.ts'
import { asAdmitted } from '../../../cluster/admitted/admitted.ts'
import { field, isObject, type Json, type JsonObject, object } from '../../../cluster/json.ts'
import { asVersion } from './conversion.ts'
import { type AdmissionRequest, isNamespaceObject } from './request.ts'
import type { Inputs } from './run.ts'

/**
 * What the expressions of a policy see of a request that a rule matched as this group and version. What is undefined is
 * not known.
 */
export function inputsOf(request: AdmissionRequest, group: string, version: string): Inputs {
  const { authorizer, old } = request
  const inVersion = (body: JsonObject): JsonObject | undefined => {
    const same = group === request.group && version === request.version ? body : asVersion(body, group, version)
    return same && withUnknowns(same, request)
  }
  return {
    object: request.operation === 'DELETE' ? null : inVersion(request.body),
    // Of a creation there is none.
    oldObject: old === undefined ? null : inVersion(old),
    namespaceObject: namespaceOf(request),
    request: new RequestFields(request, group, version),
    ...(authorizer
      ? { authorizer: authorizerValue(authorizer), requestResource: resourceOf(request, authorizer) }
      : {}),
  }
}

/**
 * What the input does not tell of an object, though it is there: values of Secrets, which were dropped as they were read,
 * and the name that the API server makes of a `generateName`. Whatever reads it is unknown.
 */
function withUnknowns(body: JsonObject, { object: { group, kind, name } }: AdmissionRequest): JsonObject {
  const isSecret = group === '' && kind === 'Secret'
  const metadata = object(field(body, 'metadata'))
  const isNamed = metadata.name !== undefined || !name.includes('*')
  if (!isSecret && isNamed) return body
  return {
    ...body,
    ...(isNamed ? {} : { metadata: { ...metadata, name: NAME_TO_COME as unknown as Json } }),
    ...(isSecret ? { ...hidden(body, 'data'), ...hidden(body, 'stringData') } : {}),
  }
}

const NAME_TO_COME = new Unknown('the name that the API server will give')
const SECRET_VALUE = new Unknown('the values of Secrets')

function hidden(body: JsonObject, key: string): JsonObject {
  const values = field(body, key)
  if (!isObject(values)) return {}
  return { [key]: Object.fromEntries(Object.keys(values).map((name) => [name, SECRET_VALUE as unknown as Json])) }
}

/** `authorizer.requestResource`: the request itself (plugin/cel/condition.go, library/authz.go NewResourceAuthorizerVal). */
function resourceOf(
  { object, group, resource, subresource, namespace }: AdmissionRequest,
  authorizer: Authorizer,
): Value {
  const asked = { group, resource, subresource, namespace, name: object.name, fieldSelector: '', labelSelector: '' }
  return requestResourceValue(authorizer, asked)
}

/** Null for what is in no namespace, and for a Namespace itself; undefined (unknown) where the input does not hold it. */
function namespaceOf({ object, namespace, place }: AdmissionRequest): Value | undefined {
  if (namespace === '' || isNamespaceObject(object)) return null
  if (!place?.object) return undefined
  const admitted = asAdmitted(place.object).body
  const labels = Object.fromEntries(place.labels)
  const { apiVersion: _, kind: __, ...rest } = admitted
  return { ...rest, metadata: { ...(admitted.metadata as JsonObject), labels } }
}

/** `request`: what creating the object says. Who does it, and with which options, no source of objects knows. */
class RequestFields implements Fields {
  readonly fields = true
  readonly #request: AdmissionRequest
  readonly #group: string
  readonly #version: string
  constructor(request: AdmissionRequest, group: string, version: string) {
    this.#request = request
    this.#group = group
    this.#version = version
  }

  get(name: string): Value | undefined {
    const { object, operation, resource, subresource, namespace } = this.#request
    switch (name) {
      case 'kind':
        return { group: this.#group, version: this.#version, kind: object.kind }
      case 'resource':
        return { group: this.#group, version: this.#version, resource }
      case 'requestKind':
        return { group: this.#request.group, version: this.#request.version, kind: object.kind }
      case 'requestResource':
        return { group: this.#request.group, version: this.#request.version, resource }
      // The API server leaves out what is empty (`omitempty` of admission/v1 AdmissionRequest).
      case 'subResource':
      case 'requestSubResource':
        return subresource === '' ? undefined : subresource
      case 'name':
        return object.name === '' || object.name.includes('*') ? undefined : object.name
      case 'namespace':
        return namespace === '' ? undefined : namespace
      case 'operation':
        return operation
      case 'dryRun':
        return this.#request.isDryRun === true
      case 'userInfo':
        if (this.#request.user) return this.#request.user
        throw new Unknown('request.userInfo')
      case 'options':
        throw new Unknown(`request.${name}`)
      default:
        return undefined
    }
  }
}
