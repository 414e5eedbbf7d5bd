import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// One number for the whole system.
const version = /^version = "(.+)"$/m.exec(readFileSync(here('../../pyproject.toml'), 'utf8'))![1]
const server = process.env.GRIDWHISTLE_SERVER ?? 'http://127.0.0.1:8000'

/** Vant's style sheet names a font on a foreign host beside the one it brings. */
const ownFontsOnly: Plugin = {
  name: 'own-fonts-only',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('vant/lib/index.css') ? code.replace(/,\s*url\(\/\/[^)]+\)\s*format\([^)]+\)/g, '') : null,
}

export default defineConfig({
  root: here('.'),
  base: '/field/',
  define: { __VERSION__: JSON.stringify(version) },
  resolve: { alias: { '@': here('src'), '@shared': here('../shared') } },
  plugins: [
    ownFontsOnly,
    vue(),
    VitePWA({
      // A new version waits until the person takes it: pages must not change under a half-filled form.
      registerType: 'prompt',
      injectRegister: false,
      filename: 'sw.js',
      manifest: {
        id: '/field/',
        name: '网格哨',
        short_name: '网格哨',
        description: '网格员与部门人员的现场端',
        lang: 'zh-CN',
        start_url: '/field/',
        scope: '/field/',
        display: 'standalone',
        orientation: 'portrait',
        background_color: '#ffffff',
        theme_color: '#1d4ed8',
        icons: [
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,png,woff2}', 'licences.txt'],
        importScripts: ['notification-click.js'],
        // From the first visit on: else pages not opened yet would be missing without signal until the next start.
        clientsClaim: true,
        navigateFallback: '/field/index.html',
        navigateFallbackAllowlist: [/^\/field\//],
      },
    }),
  ],
  build: {
    outDir: here('../dist/field'),
    emptyOutDir: true,
    license: { fileName: 'licences.txt' },
    // Phones of fifty-year-olds are old: Android 8 with a WebView of 2020.
    target: ['chrome80', 'safari13.1'],
  },
  server: { proxy: { '/api': server, '/ws': { target: server, ws: true } } },
  test: {
    environment: 'happy-dom',
    dir: here('..'),
    include: ['field/src/**/*.test.ts', 'shared/**/*.test.ts'],
    setupFiles: [here('src/testing.ts')],
  },
})
