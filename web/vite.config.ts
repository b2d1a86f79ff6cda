import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { oneFile } from './one-file.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  base: './',
  publicDir: false,
  plugins: [react(), oneFile()],
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: false,
    target: 'esnext',
    cssTarget: 'esnext',
    assetsInlineLimit: Number.POSITIVE_INFINITY,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: here('report.html'),
      // Modules of src are pure: what the page does not use of them stays out.
      treeshake: { moduleSideEffects: (id: string) => !id.includes('/src/') },
    },
  },
})
