/** 签收 refused because a colleague signed first: the duty is signed for, and nothing is left to be decided. */
import { liveQuery } from 'dexie'
import { discard } from '@/queue'
import type { Entry } from '@/queue/entry'
import type { PersonDb } from '@/store/db'

const isMoot = (entry: Pick<Entry, 'state' | 'path' | 'failure'>) =>
  entry.state === 'refused' &&
  entry.failure?.code === 'transition_refused' &&
  /^assignments\/\d+\/receive$/.test(entry.path)

/** What comes after it on the same matter would wait for a person's decision otherwise. Returns an end. */
export function dropMoot(db: PersonDb): () => void {
  const following = liveQuery(() => db.queue.filter(isMoot).primaryKeys()).subscribe((ids) => {
    for (const id of ids) void Promise.resolve(discard(id)).catch((fault) => console.error(fault))
  })
  return () => following.unsubscribe()
}
