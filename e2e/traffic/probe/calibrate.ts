// Measures the capacity directly: node calibrate.ts URL SECONDS WORKERS. It prints answers a second, and shares no code with the product.
import { Agent, get } from 'node:http'

const [, , url = '', seconds = '4', workers = '8'] = process.argv
const agent = new Agent({ keepAlive: true })
const warm = 0.5
const start = performance.now()
const end = start + (Number(seconds) + warm) * 1000
let answered = 0

function ask(): void {
  get(url, { agent }, (response) => {
    response.resume()
    response.on('end', () => {
      const now = performance.now()
      if (now >= end) return
      if (now >= start + warm * 1000) answered++
      ask()
    })
  })
}

for (let worker = 0; worker < Number(workers); worker++) ask()
setTimeout(
  () => {
    console.log(answered / Number(seconds))
    process.exit(0)
  },
  (Number(seconds) + warm) * 1000,
)
