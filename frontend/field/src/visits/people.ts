/** Who may go to a household, and who may be its responsible leader. */
import type { Contact, Household } from '@/store/db'

/** Roles that see households; see `accounts/roles.py`. */
const GOES_THERE = ['grid_worker', 'grid_leader', 'assistant', 'community_admin', 'street_dispatcher', 'street_leader']
/** From the community up. */
const LEADS = ['community_admin', 'street_dispatcher', 'street_leader']

export interface Colleague {
  username: string
  name: string
  role: string
  at: string
}

/** Where a household lies, up to the street; `street` is known of a grid of mine. */
export function placesOf(household: Pick<Household, 'grid' | 'community'>, street: string | undefined): string[] {
  return [household.grid.code, household.community.code, ...(street ? [street] : [])]
}

/** Those with work at one of these places, each once, in the order of the contacts: the nearest first. */
export function colleagues(contacts: readonly Contact[], places: readonly string[], leaders = false): Colleague[] {
  const roles = leaders ? LEADS : GOES_THERE
  const found = new Map<string, Colleague>()
  for (const { username, name, role, role_name, at, at_name } of contacts) {
    if (!username || !role || !roles.includes(role) || !places.includes(at) || found.has(username)) continue
    found.set(username, { username, name, role: role_name, at: at_name })
  }
  return [...found.values()]
}
