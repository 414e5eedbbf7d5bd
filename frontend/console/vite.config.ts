import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const server = process.env.GRIDWHISTLE_SERVER ?? 'http://127.0.0.1:8000'
const proxied = { target: server, changeOrigin: true, headers: { origin: server } }

export default defineConfig({
  root: here('.'),
  base: '/console/',
  resolve: { alias: { '@': here('src'), '@shared': here('../shared') } },
  plugins: [vue()],
  build: { outDir: here('../dist/console'), emptyOutDir: true, target: ['chrome90', 'safari14'] },
  // The server takes a session's requests from its own pages only.
  server: { proxy: { '/api': proxied, '/ws': { ...proxied, ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
