/** What is said of a household in words, and where it lies. */
import type { Point } from '@/places/geo'
import type { Household } from '@/store/db'

type Located = Pick<Household, 'lng' | 'lat' | 'building'>

/** 恒山小区3号楼; empty for a house of its own. */
export function buildingName(building: { estate: string; number: string } | null): string {
  return building ? `${building.estate}${building.number}` : ''
}

/** 恒山小区3号楼2单元502室. */
export function fullDoor(household: Pick<Household, 'building' | 'door'>): string {
  return buildingName(household.building) + household.door
}

/** Its own place, else that of its building. */
export function placeOf({ lng, lat, building }: Located): Point | null {
  if (lng != null && lat != null) return { lng, lat }
  return building?.lng != null && building.lat != null ? { lng: building.lng, lat: building.lat } : null
}

/** As people count: 2 before 10. */
const DOORS = new Intl.Collator('zh-CN', { numeric: true })

export const byDoor = (a: string, b: string) => DOORS.compare(a, b)

/** 2单元502室 → 2; empty for a door without a unit. */
export const unitOf = (door: string) => /^(.+?)单元/.exec(door)?.[1] ?? ''
