/** Households as one walks them: building by building, unit by unit, door by door. */
import { byDoor, buildingName, unitOf } from './households'
import type { Turn } from './due'

export interface Unit {
  /** Empty: of no unit. */
  name: string
  turns: Turn[]
}

export interface BuildingGroup {
  /** Of the building; `grid:<code>` for the houses of a grid that are in none. */
  id: string
  /** Empty for those. */
  name: string
  grid: string
  turns: Turn[]
  units: Unit[]
  due: number
}

/** By name, the houses of a grid after its buildings. `due` counts those due by `today`. */
export function byBuilding(turns: readonly Turn[], today: string): BuildingGroup[] {
  const groups = new Map<string, BuildingGroup>()
  for (const turn of turns) {
    const { building, grid } = turn.household
    const id = building?.id ?? `grid:${grid.code}`
    const group = groups.get(id) ?? { id, name: buildingName(building), grid: grid.name, turns: [], units: [], due: 0 }
    group.turns.push(turn)
    if (turn.due && turn.due <= today) group.due++
    groups.set(id, group)
  }
  const found = [...groups.values()]
  for (const group of found) {
    group.turns.sort((a, b) => byDoor(a.household.door, b.household.door))
    group.units = unitsOf(group.turns)
  }
  return found.sort((a, b) => Number(!a.name) - Number(!b.name) || byDoor(a.name || a.grid, b.name || b.grid))
}

function unitsOf(turns: readonly Turn[]): Unit[] {
  const units = new Map<string, Unit>()
  for (const turn of turns) {
    const name = turn.household.building ? unitOf(turn.household.door) : ''
    const unit = units.get(name)
    if (unit) unit.turns.push(turn)
    else units.set(name, { name, turns: [turn] })
  }
  return [...units.values()]
}
