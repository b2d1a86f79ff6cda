import { at, boolean, field, type Json, list, string } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'

/** A Pod of a ReplicaSet of a Deployment of a Rollout: no controller of Kubernetes goes deeper. */
const DEEPEST = 4

/**
 * The object and the controllers that made it, as far as the input holds them. Only of live objects: the uid says that it
 * is really theirs, while a name in a manifest says what anybody wrote.
 */
export function ownersIn(objects: readonly KubeObject[]): (object: KubeObject) => readonly KubeObject[] {
  let byUid: Map<string, KubeObject> | undefined
  return (object) => {
    const chain = [object]
    for (let here: KubeObject | undefined = object; here && chain.length <= DEEPEST; ) {
      const reference: Json | undefined = list(at(here.body, 'metadata', 'ownerReferences')).find(
        (each) => boolean(field(each, 'controller')) === true,
      )
      const uid = string(field(reference, 'uid'))
      if (uid === undefined || uid === '') break
      byUid ??= indexed(objects)
      const owner: KubeObject | undefined = byUid.get(uid)
      const isTheirs: boolean =
        owner !== undefined &&
        owner.kind === field(reference, 'kind') &&
        owner.name === field(reference, 'name') &&
        (owner.namespace === '' || owner.namespace === here.namespace)
      here = owner && isTheirs && !chain.includes(owner) ? owner : undefined
      if (here) chain.push(here)
    }
    return chain
  }
}

function indexed(objects: readonly KubeObject[]): Map<string, KubeObject> {
  const found = new Map<string, KubeObject>()
  for (const object of objects) {
    const uid = string(at(object.body, 'metadata', 'uid'))
    if (uid !== undefined && uid !== '') found.set(uid, object)
  }
  return found
}
