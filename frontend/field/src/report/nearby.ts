/** Reports that may be the same matter: of the same item, near and in the last hours. */
import type { Schemas } from '@shared/api/client'
import { metresBetween } from '@/places/geo'
import type { Place, ReportRow } from '@/store/db'
import { api } from '@/store/session'

export interface Near {
  id: string
  number: string
  item_name: string
  address: string
  received_at: string
  metres: number
}

export type Within = Pick<Schemas['SyncLimits'], 'nearby_metres' | 'nearby_hours'>

export const WITHIN: Within = { nearby_metres: 50, nearby_hours: 24 }
const ENDED = ['void', 'rejected', 'merged']
const MOST = 5

/** Of the reports on this phone, nearest first. */
export function nearHere(rows: readonly ReportRow[], item: string, place: Place, now: Date, within: Within): Near[] {
  const since = now.getTime() - within.nearby_hours * 3_600_000
  return rows
    .filter((row) => row.item === item && Date.parse(row.received_at) >= since && !ENDED.includes(row.status))
    .map((row) => ({
      id: row.id,
      number: row.number,
      item_name: row.item_name,
      address: row.address ?? '',
      received_at: row.received_at,
      metres: metresBetween(place, row),
    }))
    .filter(({ metres }) => metres <= within.nearby_metres)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, MOST)
}

/** Of all reports, by asking the server; none where it cannot be asked. */
export async function nearThere(item: string, { lng, lat }: Place): Promise<Near[]> {
  try {
    const query = { lng, lat, coord_type: 'wgs84' as const, item }
    const { data } = await api().GET('/api/v1/reports/nearby', { params: { query } })
    return Array.isArray(data) ? data.map((one) => ({ ...one, metres: one.distance_m })) : []
  } catch {
    return []
  }
}

/** Each once, nearest first. */
export function together(one: readonly Near[], other: readonly Near[]): Near[] {
  const all = new Map([...other, ...one].map((near) => [near.id, near]))
  return [...all.values()].sort((a, b) => a.metres - b.metres).slice(0, MOST)
}
