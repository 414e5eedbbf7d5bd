/** The place for a picture that is being taken. */
import type { Place } from '@/store/db'
import { currentPosition, lastPlace } from './position'

const RECENT_MS = 60_000
const PATIENCE_MS = 12_000

/** A fix of the last minute or one that comes soon; null where none does: a picture waits for no satellite. */
export function placeSoon(): Promise<Place | null> {
  const last = lastPlace.value
  if (last && Date.now() - Date.parse(last.at) < RECENT_MS) return Promise.resolve(last)
  const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))
  return Promise.race([currentPosition().catch(() => null), patience])
}
