/** Areas and units as places where something is kept: a roster, an announcement, a team. */
import { said } from '@shared/api/client'
import { api, me, type Me } from '@/store/session'

export interface Place {
  kind: 'area' | 'department'
  code: string
  name: string
  /** Of an area; empty at a department. */
  level: string
}

export const keyOf = (place: Place) => `${place.kind}:${place.code}`

/** As the API's parameters and bodies name it. */
export const named = (place: Place): { area?: string; department?: string } =>
  place.kind === 'area' ? { area: place.code } : { department: place.code }

/** Where this person is appointed, each place once, the widest areas first. */
export function placesOf(person: Me | null): Place[] {
  const places = new Map<string, Place>()
  for (const held of person?.appointments ?? []) {
    const kind = held.level ? 'area' : 'department'
    const place: Place = { kind, code: held.at, name: held.at_name, level: held.level }
    places.set(keyOf(place), place)
  }
  const order = ['city', 'district', 'street', 'community', '', 'grid']
  return [...places.values()].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
}

export const ownPlaces = () => placesOf(me.value)

const FOUND = 30

/** Areas and units whose name has this in it, or all below `within`. */
export async function findPlaces(q: string, only?: Place['kind'], within?: string): Promise<Place[]> {
  const query = { page_size: FOUND, ...(q ? { q } : {}), ...(within ? { within } : {}) }
  const [areas, units] = await Promise.all([
    only === 'department' ? { results: [] } : said(api.GET('/api/v1/areas', { params: { query } })),
    only === 'area' || within
      ? { results: [] }
      : said(api.GET('/api/v1/departments', { params: { query: { ...query, is_active: true } } })),
  ])
  return [
    ...areas.results.map((row) => ({ kind: 'area' as const, code: row.code, name: row.name, level: row.level })),
    ...units.results.map((row) => ({ kind: 'department' as const, code: row.code, name: row.name, level: '' })),
  ]
}
