// A control plane to try things on by hand: `node e2e/controlplane/serve.ts`. Prints one line of JSON and runs until it is interrupted.
import { startControlPlane } from './start.ts'

const started = performance.now()
const plane = await startControlPlane({ components: ['apiserver', 'controller-manager'] })
const { url, tokens, kubeconfig, folder } = plane
const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
console.log(JSON.stringify({ pid: process.pid, url, tokens, kubeconfig, folder, seconds }))
await new Promise((resolve) => {
  const forever = setInterval(() => undefined, 2 ** 30)
  const end = () => resolve(clearInterval(forever))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end)
})
await plane.stop()
