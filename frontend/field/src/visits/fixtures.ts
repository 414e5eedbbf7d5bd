/** A household and its levels as the server gives them, for tests. */
import type { Household, RiskLevel } from '@/store/db'

export const LEVELS: RiskLevel[] = [
  { code: 'green', name: '放心户', colour: '#16a34a', rank: 1, visit_days: 180, proposes: 'worker', confirms: '' },
  {
    ...{ code: 'yellow', name: '关爱帮扶', colour: '#eab308', rank: 3, visit_days: 30, proposes: 'worker' },
    ...{ confirms: 'community', note_required: true },
  },
  {
    ...{ code: 'orange', name: '重点关注', colour: '#ea580c', rank: 4, visit_days: 15, proposes: 'community' },
    ...{ confirms: 'street', min_visitors: 2, measure_required: true },
  },
  {
    ...{ code: 'red', name: '重点管控', colour: '#dc2626', rank: 5, visit_days: 7, proposes: 'community' },
    ...{ confirms: 'street', min_visitors: 2, leader_required: true },
  },
] as RiskLevel[]

export const levelOf = (code: string) => LEVELS.find((one) => one.code === code)!

export const BUILDING = { id: 'b1', estate: '恒山小区', number: '3号楼', lng: 122.4, lat: 37.1 }

export function household(id: string, colour: string | null, more: Partial<Household> = {}): Household {
  const level = colour === null ? null : levelOf(colour)
  return {
    id,
    code: id.toUpperCase(),
    building: BUILDING,
    door: '2单元502室',
    grid: { code: 'g1', name: '第一网格' },
    community: { code: 'c1', name: '三环社区' },
    occupancy: 'owner',
    kind: 'family',
    lng: null,
    lat: null,
    head: '李*',
    residents: 2,
    tags: [],
    risk_level: level && { code: level.code, name: level.name, colour: level.colour, rank: level.rank },
    risk_unconfirmed: false,
    last_visit_at: null,
    next_visit_due: null,
    changed_at: '2026-11-01T08:00:00+08:00',
    ended_at: null,
    ...more,
  }
}
