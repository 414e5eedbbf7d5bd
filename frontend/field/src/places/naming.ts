/** The name of the grid a place lies in: of my grids without signal, of any other by asking the server. */
import { shallowRef, watch, type Ref } from 'vue'
import { isProblem } from '@shared/api/client'
import type { Grid, Place } from '@/store/db'
import { live } from '@/store/live'
import { api } from '@/store/session'
import { gridAt, metresToGrid } from './geo'

/** own: in a grid of mine · other: in another's · outside: in none at all · unknown: not in mine, and nobody to ask. */
export interface Naming {
  kind: 'own' | 'other' | 'outside' | 'unknown'
  name: string
  /** Of my grids the nearest one, where the place is in none of them. */
  nearest: { grid: Grid; metres: number } | null
}

type Answer = Pick<Naming, 'kind' | 'name'>

const UNKNOWN: Answer = { kind: 'unknown', name: '' }
const asked = new Map<string, Promise<Answer>>()

async function ask(lng: number, lat: number): Promise<Answer> {
  const query = { lng, lat, coord_type: 'wgs84' as const }
  const { data, error } = await api().GET('/api/v1/grids/locate', { params: { query } })
  if (data?.code) return { kind: 'other', name: data.name }
  return isProblem(error) && error.code === 'outside_all_grids' ? { kind: 'outside', name: '' } : UNKNOWN
}

function askedOnce(place: Place): Promise<Answer> {
  const [lng, lat] = [place.lng.toFixed(5), place.lat.toFixed(5)]
  const key = `${lng},${lat}`
  const answer = asked.get(key) ?? ask(Number(lng), Number(lat)).catch(() => UNKNOWN)
  asked.set(key, answer)
  void answer.then((said) => said === UNKNOWN && asked.delete(key))
  return answer
}

function nearestOf(grids: readonly Grid[], { lng, lat }: Place): Naming['nearest'] {
  const measured = grids.map((grid) => ({ grid, metres: metresToGrid(grid, lng, lat) }))
  return measured.reduce<Naming['nearest']>((best, one) => (best && best.metres <= one.metres ? best : one), null)
}

export const myGrids = () => live<Grid[]>(({ db }) => db.grids.toArray(), [])

/** Follows the place; null without one. */
export function naming(place: Ref<Place | null | undefined>, grids: Ref<Grid[]>): Ref<Naming | null> {
  const found = shallowRef<Naming | null>(null)
  watch(
    [place, grids],
    async ([here, mine], _before, overtaken) => {
      let current = true
      overtaken(() => (current = false))
      const own = here && gridAt(mine, here.lng, here.lat)
      if (!here || own) {
        found.value = own ? { kind: 'own', name: own.name, nearest: null } : null
        return
      }
      const nearest = nearestOf(mine, here)
      found.value = { ...UNKNOWN, nearest }
      const said = await askedOnce(here)
      if (current) found.value = { ...said, nearest }
    },
    { immediate: true },
  )
  return found
}
