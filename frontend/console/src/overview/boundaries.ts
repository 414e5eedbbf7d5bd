/** Boundaries of areas. Each is asked for once while the desk is open, a few at a time. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import { said } from '@shared/api/client'
import { api } from '@/store/session'

const AT_ONCE = 4

/** GeoJSON in WGS-84, null for an area that has none. */
export type Boundary = GeoJSON.Geometry | null
const known = new Map<string, Boundary>()

async function fetchBoundary(code: string): Promise<void> {
  const area = await said(api.GET('/api/v1/areas/{code}', { params: { path: { code } } }))
  known.set(code, (area.geometry ?? null) as Boundary)
}

/** The boundaries of these areas as they come in; `loaded` counts those that need no more asking. */
export function useBoundaries(codes: Ref<string[]>) {
  const boundaries = shallowRef(new Map<string, Boundary>())
  const loaded = ref(0)
  let asking = 0

  watch(
    codes,
    async (wanted) => {
      const mine = ++asking
      const tell = () => {
        if (mine !== asking) return
        const found = wanted.filter((code) => known.has(code))
        loaded.value = found.length
        boundaries.value = new Map(found.map((code) => [code, known.get(code) ?? null]))
      }
      tell()
      const missing = wanted.filter((code) => !known.has(code))
      let told = Date.now()
      const work = async () => {
        for (let code = missing.shift(); code !== undefined && mine === asking; code = missing.shift()) {
          // One that cannot be had now stays out of the map and in the table, and is asked for with the next answer.
          await fetchBoundary(code).catch(() => {})
          if (Date.now() - told > 300) {
            told = Date.now()
            tell()
          }
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      tell()
    },
    { immediate: true },
  )
  return { boundaries, loaded }
}
