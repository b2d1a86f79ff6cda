import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, list, type Path, string } from '../../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Controller } from '../../controllers/controller.ts'
import { MOST_NESTED } from '../kinds/kind.ts'
import type { Absent, Attached, Attacher } from './attached.ts'

const ANNOTATION = 'traefik.ingress.kubernetes.io/router.middlewares'
const GROUPS = ['traefik.io', 'traefik.containo.us']

interface Reference {
  readonly namespace: string
  readonly name: string
  readonly from: KubeObject
  readonly path: Path
}

/** Middlewares that a router names, those of chains among them, and those of the entry points, which hold for every router. */
export const traefikAttacher: Attacher = (cluster) => ({
  products: ['traefik'],
  of: ({ draft: { object, rule, controller } }) => {
    const own = object.kind === 'Ingress' ? byAnnotation(object) : byRoute(object, rule)
    const flags = [...(controller?.settings.flags ?? [])].filter(([key]) =>
      /^entrypoints\..*\.http\.middlewares$/i.test(key),
    )
    const common = flags.flatMap(([, said]) =>
      said.because.object ? named(said.value, said.because.object, said.because.path ?? []) : [],
    )
    const denies = object.kind === 'Ingress' ? undefined : refusal(controller)
    return [
      ...own.flatMap((reference) => resolve(cluster, reference, new Set(), denies)),
      ...common.flatMap((reference) => resolve(cluster, reference, new Set(), undefined)),
    ]
  },
})

type Refusal = NonNullable<Attached['inert'] | Attached['unknown']>

/** Routers of the CRD provider that name a Middleware of another namespace are dropped, unless `allowCrossNamespace` is set. */
function refusal(controller: Controller | undefined): Refusal | undefined {
  const flag = [...(controller?.settings.flags ?? []), ...(controller?.settings.values ?? [])].find(([key]) =>
    /(^|[._])allowcrossnamespace$/i.test(key),
  )?.[1]
  if (flag && flag.value !== 'false') return undefined
  if (!controller?.workload && !flag)
    return { missing: 'whether Traefik runs with allowCrossNamespace', because: [because('it is off by default')] }
  const text = 'Traefik drops routes that name a Middleware of another namespace: allowCrossNamespace is off'
  return { rule: 'not-accepted', because: [because(text), ...(flag ? [flag.because] : [])] }
}

/** `NAMESPACE-NAME@kubernetescrd`, with commas between: the namespace ends where a Middleware of the rest exists. */
function byAnnotation(object: KubeObject): readonly Reference[] {
  const text = annotationsOf(object.body).get(ANNOTATION)
  return text === undefined ? [] : named(text, object, ['metadata', 'annotations', ANNOTATION])
}

function named(text: string, from: KubeObject, path: Path): readonly Reference[] {
  return text
    .split(',')
    .slice(0, 100)
    .map((each) => each.trim())
    .filter((each) => each.endsWith('@kubernetescrd'))
    .map((each) => ({ namespace: '', name: each.slice(0, -'@kubernetescrd'.length), from, path }))
}

function byRoute(object: KubeObject, rule: Path): readonly Reference[] {
  return list(at(object.body, ...rule, 'middlewares')).map((each, index) => ({
    namespace: string(field(each, 'namespace')) ?? object.namespace,
    name: string(field(each, 'name')) ?? '',
    from: object,
    path: [...rule, 'middlewares', index],
  }))
}

function resolve(
  cluster: Cluster,
  reference: Reference,
  seen: Set<string>,
  denies: Refusal | undefined,
): readonly (Attached | Absent)[] {
  const found = find(cluster, reference)
  const reason = because(`names Middleware ${reference.name}`, reference.from, reference.path)
  if (!found) {
    if (reference.name === '') return []
    const place = reference.namespace === '' ? '' : `${reference.namespace}/`
    return [{ absent: `Middleware ${place}${reference.name}`, because: [reason] }]
  }
  if (seen.has(found.id) || seen.size === MOST_NESTED) return []
  seen.add(found.id)
  const chain = list(at(found.body, 'spec', 'chain', 'middlewares')).flatMap((each, index) =>
    resolve(
      cluster,
      {
        namespace: string(field(each, 'namespace')) ?? found.namespace,
        name: string(field(each, 'name')) ?? '',
        from: found,
        path: ['spec', 'chain', 'middlewares', index],
      },
      seen,
      denies,
    ),
  )
  const isForeign = reference.namespace !== '' && found.namespace !== reference.from.namespace
  const against = !denies || !isForeign ? {} : 'rule' in denies ? { inert: denies } : { unknown: denies }
  return [{ object: found, because: [reason], ...against }, ...chain]
}

function find(cluster: Cluster, { namespace, name }: Reference): KubeObject | undefined {
  for (const group of GROUPS)
    for (const kind of ['Middleware', 'MiddlewareTCP']) {
      if (namespace !== '') {
        const found = cluster.get(idOf(`${kind}.${group}`, namespace, name))
        if (found) return found
        continue
      }
      for (let dash = name.indexOf('-'); dash >= 0; dash = name.indexOf('-', dash + 1)) {
        const found = cluster.get(idOf(`${kind}.${group}`, name.slice(0, dash), name.slice(dash + 1)))
        if (found) return found
      }
    }
  return undefined
}
