/** Steps on a report, as timelines tell of them. */
import type { Schemas } from './api/client'

/** Steps whose unit is the one they are about and not the actor's own. */
const ABOUT =
  /^(rate|rework|redo|waive|release|urge|card|card_revoked|supervise|no_show|order_(accepted|sent_back)|(grant|refuse)_.+)$/

type Event = Pick<Schemas['EventOut'], 'kind' | 'unit' | 'role' | 'actor'>

export const isAbout = (event: Event) => event.unit !== null && ABOUT.test(event.kind)

/** For which unit (or in which role) and who. */
export function whoDid(event: Event, system: string): string {
  const place = isAbout(event) ? event.role : (event.unit?.name ?? event.role)
  return [place, event.actor?.name ?? system].filter(Boolean).join(' · ')
}
