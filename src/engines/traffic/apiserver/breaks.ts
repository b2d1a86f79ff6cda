/** What a cap on a part of the cluster itself would do; empty for everybody else. */
export function whatCapBreaks(user: string): string {
  if (user.startsWith('system:node:'))
    return 'this is a kubelet: when its lease is not renewed for 40 s, the node is NotReady and its pods are evicted'
  if (user.startsWith('system:serviceaccount:kube-system:'))
    return 'this is an account of kube-system: controllers of the cluster (network, DNS, volumes, garbage collection) fall behind for everybody'
  if (user === 'system:kube-scheduler') return 'this is the scheduler: pods of the whole cluster stay Pending'
  if (user === 'system:kube-controller-manager')
    return 'this are the controllers of the cluster: Deployments, Jobs, endpoints and nodes of everybody fall behind'
  if (user === 'system:anonymous')
    return 'this is everybody who is not known: probes of load balancers are answered by the same seats'
  if (user.startsWith('system:') && !user.startsWith('system:serviceaccount:'))
    return 'this is a part of Kubernetes itself: what it does for the cluster falls behind'
  return ''
}
