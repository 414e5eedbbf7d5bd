/** Finding households: by what is written on the door, by colour, by nearness. */
import { metresBetween, type Point } from '@/places/geo'
import type { Household } from '@/store/db'
import type { Turn } from './due'
import { fullDoor, placeOf } from './households'

const plain = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s/g, '')

/** Every word, in any order, in the building's name, the door, the masked head, the code or the grid: 恒山 3号 502. */
export function matches(household: Household, text: string): boolean {
  const words = text.split(/\s+/).map(plain).filter(Boolean)
  const said = plain([fullDoor(household), household.head, household.code, household.grid.name].join('\n'))
  return words.every((word) => said.includes(word))
}

/** With the metres to each; those without a place last, in the order they had. */
export function nearestFirst(turns: readonly Turn[], here: Point): { turn: Turn; metres: number | null }[] {
  return turns
    .map((turn) => {
      const there = placeOf(turn.household)
      return { turn, metres: there && metresBetween(here, there) }
    })
    .sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity) || 0)
}
