/** What the phone keeps, as markers: one for a building with the gravest colour in it, one for a house, one for a report. */
import type { ReportRow } from '@/store/db'
import { lightAt } from '@shared/time/countdown'
import { gravest, initialOf, UNRATED } from '@/visits/colours'
import type { Turn } from '@/visits/due'
import { buildingName, fullDoor, placeOf } from '@/visits/households'
import { t } from '@/words'
import type { MapMarker } from './gathering'

const FINAL: ReportRow['status'][] = ['closed', 'rejected', 'void', 'merged']
const LIGHTS = { '': '#6b7280', green: '#15803d', yellow: '#fbbf24', red: '#b91c1c' }
const RANKS = { '': 0, green: 1, yellow: 2, red: 3 }

type Home = Turn['household']

/** `unplaced` counts the households nobody recorded a place of. */
export function homeMarkers(households: readonly Home[]): { markers: MapMarker[]; unplaced: number } {
  const groups = new Map<string, Home[]>()
  let unplaced = 0
  for (const household of households) {
    if (!placeOf(household)) {
      unplaced++
      continue
    }
    // A house of its own, or with a place of its own, stands by itself.
    const { building } = household
    const inBuilding = building && household.lng == null && household.lat == null
    const key = inBuilding ? `building:${building.id}` : `household:${household.id}`
    groups.set(key, [...(groups.get(key) ?? []), household])
  }
  return { markers: [...groups].map(([id, homes]) => homeMarker(id, homes)), unplaced }
}

function homeMarker(id: string, homes: readonly Home[]): MapMarker {
  const [first] = homes
  const level = gravest(homes)
  const name = level?.name ?? t('visits.unrated')
  const building = id.startsWith('building:')
  return {
    id,
    kind: 'home',
    ...placeOf(first)!,
    label: building
      ? t('map.building', { name: buildingName(first.building), n: homes.length, level: name })
      : t('map.household', { door: fullDoor(first), level: name }),
    colour: level?.colour ?? UNRATED,
    rank: level?.rank ?? 0,
    sign: initialOf(level),
    count: homes.length,
    to: building
      ? { name: 'visits', query: { view: 'building', building: first.building!.id } }
      : { name: 'household', params: { id: first.id } },
  }
}

/** The open ones, with the light of this moment (`now` in milliseconds). */
export function reportMarkers(reports: readonly ReportRow[], now: number): MapMarker[] {
  return reports
    .filter(({ status }) => !FINAL.includes(status))
    .map((report) => {
      const light = lightAt(report.due_at ?? null, null, now) === 'red' ? 'red' : report.light
      return {
        id: `report:${report.id}`,
        kind: 'report',
        lng: report.lng,
        lat: report.lat,
        label: t('map.report', {
          item: report.item_name,
          light: light ? t(`tasks.lights.${light}`) : t('map.noLight'),
        }),
        colour: LIGHTS[light],
        rank: RANKS[light],
        sign: t(`map.lights.${light || 'none'}`),
        count: 1,
        to: { name: 'report', params: { id: report.id } },
      }
    })
}
