import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clusterOf } from '../../../cluster/testing.ts'
import { controllersOf } from './controllers.ts'
import { serversOf } from './serving.ts'

const proxy = (name: string, image: string, args: string, labels = '', env = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: edge}
spec:
  replicas: 2
  strategy: {type: Recreate}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}${labels}}}
    spec: {containers: [{name: c, image: "${image}", args: [${args}], env: [${env}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: edge}
spec: {type: LoadBalancer, selector: {app: ${name}}, ports: [{port: 80}]}
---`
const seen = (text: string): readonly string[] =>
  controllersOf(clusterOf(text)).map(({ product, settings, classes, services, replicas }) =>
    [product, settings.version ?? '-', classes.join('+'), services.length, replicas.now, replicas.most].join(' '),
  )

describe('controllers', () => {
  test('are known by image, with version, class, Services and replicas', () => {
    assert.deepEqual(seen(proxy('a', 'registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:00', '')), [
      'ingress-nginx 1.15.1 k8s.io/ingress-nginx 1 2 2',
    ])
    assert.deepEqual(seen(proxy('a', 'nginx/nginx-ingress:5.5.4', '')), [
      'f5-nginx 5.5.4 nginx.org/ingress-controller 1 2 2',
    ])
    assert.deepEqual(seen(proxy('a', 'quay.io/jcmoraisjr/haproxy-ingress:v0.16.1', '')), [
      'haproxy-ingress 0.16.1 haproxy-ingress.github.io/controller 1 2 2',
    ])
    assert.equal(seen(proxy('a', 'haproxytech/kubernetes-ingress:3.2.11', ''))[0]?.split(' ')[0], 'haproxy')
    assert.equal(seen(proxy('a', 'kong:3.9', ''))[0]?.split(' ')[0], 'kong')
    assert.equal(seen(proxy('a', 'x/proxyv2:1.2', '', ', istio: ingressgateway'))[0]?.split(' ')[0], 'istio')
  })

  test('are not those that only look so', () => {
    assert.deepEqual(seen(proxy('envoy', 'envoyproxy/envoy:v1.30', '')), [])
    assert.deepEqual(seen(proxy('a', 'nginx:1.27', '')), [])
  })

  test('are set by the ConfigMap that their flag names, whatever the namespace of the pod', () => {
    const config = `
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: edge}
data: {use-forwarded-headers: "true", __proto__: x}
---`
    const text = proxy('a', 'ingress-nginx/controller:v1.15.1', '"--configmap=$(POD_NAMESPACE)/c"')
    const [found] = controllersOf(clusterOf(text + config))
    assert.equal(found?.settings.values.get('use-forwarded-headers')?.value, 'true')
    assert.deepEqual([found?.settings.seen, found?.settingsObject?.name], [true, 'c'])
    assert.equal(controllersOf(clusterOf(text))[0]?.settings.seen, false)
  })

  test('are set by flags, environment and YAML inside ConfigMaps', () => {
    const [traefik] = controllersOf(
      clusterOf(proxy('a', 'traefik:v3.7.9', '--entryPoints.web.forwardedHeaders.insecure, --log.level, DEBUG')),
    )
    assert.equal(traefik?.settings.flags.get('entryPoints.web.forwardedHeaders.insecure')?.value, 'true')
    assert.equal(traefik?.settings.flags.get('log.level')?.value, 'DEBUG')
    const [kong] = controllersOf(
      clusterOf(proxy('a', 'kong:3.9', '', '', '{name: KONG_TRUSTED_IPS, value: 0.0.0.0/0}, {name: SECRET, value: x}')),
    )
    assert.deepEqual([...(kong?.settings.values.keys() ?? [])], ['trusted_ips'])
    const mesh = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "defaultConfig: {gatewayTopology: {numTrustedProxies: 2}}"}
---`
    const [istio] = controllersOf(clusterOf(proxy('a', 'x/proxyv2:1.2', '', ', istio: ingressgateway') + mesh))
    assert.equal(istio?.settings.values.get('defaultConfig.gatewayTopology.numTrustedProxies')?.value, '2')
  })

  test('what may be a password is not repeated', () => {
    const [found] = controllersOf(clusterOf(proxy('a', 'traefik:v3.7.9', '--redis-password=hunter2')))
    assert.doesNotMatch(found?.settings.flags.get('redis-password')?.because.text ?? '', /hunter2/)
  })
})

describe('an Ingress is served', () => {
  const ingress = (spec: string, annotations = ''): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, annotations: {${annotations}}}
spec: {${spec}}
---`
  const served = (text: string): string => {
    const cluster = clusterOf(text)
    const [object] = cluster.ofKind('Ingress', 'networking.k8s.io')
    const { controller, missing } = serversOf(cluster).ofIngress(object as NonNullable<typeof object>)
    return `${controller?.product ?? '-'} ${controller?.workload?.name ?? '-'} ${missing === undefined ? '' : 'missing'}`.trim()
  }
  const named = (name: string, controller: string, annotations = ''): string => `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: ${name}, annotations: {${annotations}}}
spec: {controller: ${controller}}
---`
  const nginx = (name: string, controller: string): string =>
    proxy(name, 'ingress-nginx/controller:v1.15.1', `--controller-class=${controller}`)

  test('by the controller of its class: two installs of one product are told apart', () => {
    const both =
      nginx('public', 'k8s.io/ingress-nginx') +
      nginx('inside', 'k8s.io/inside') +
      named('public', 'k8s.io/ingress-nginx') +
      named('inside', 'k8s.io/inside')
    assert.equal(served(both + ingress('ingressClassName: inside')), 'ingress-nginx inside')
    assert.equal(served(both + ingress('ingressClassName: public')), 'ingress-nginx public')
  })

  test('by the default class, or by whom its annotations are for', () => {
    const isDefault = named('x', 'k8s.io/ingress-nginx', 'ingressclass.kubernetes.io/is-default-class: "true"')
    assert.equal(served(isDefault + nginx('a', 'k8s.io/ingress-nginx') + ingress('rules: []')), 'ingress-nginx a')
    assert.equal(served(ingress('rules: []', 'nginx.ingress.kubernetes.io/limit-rps: "1"')), 'ingress-nginx - missing')
    assert.equal(served(ingress('rules: []')), '- - missing')
    assert.equal(served(ingress('rules: []', 'kubernetes.io/ingress.global-static-ip-name: x')), 'gke -')
  })

  test('by nobody who watches other namespaces only', () => {
    const text = (namespace: string): string =>
      proxy('a', 'ingress-nginx/controller:v1.15.1', `--watch-namespace=${namespace}`) +
      named('nginx', 'k8s.io/ingress-nginx') +
      ingress('ingressClassName: nginx')
    assert.equal(served(text('default')), 'ingress-nginx a')
    assert.equal(served(text('other')), 'ingress-nginx -')
  })

  test('by the name of a class that no object explains', () => {
    assert.equal(served(ingress('rules: []', 'kubernetes.io/ingress.class: nginx')), 'ingress-nginx -')
    assert.equal(served(proxy('a', 'nginx/nginx-ingress:5.5.4', '') + ingress('ingressClassName: nginx')), 'f5-nginx a')
    assert.equal(served(ingress('ingressClassName: alb')), 'aws-alb -')
    assert.equal(served(ingress('ingressClassName: ours')), '- - missing')
  })
})
