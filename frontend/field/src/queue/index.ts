/** The queue as pages use it. */
import type { Ref } from 'vue'
import { live } from '@/store/live'
import { db } from '@/store/session'
import { storing } from '@/store/storage'
import type { Entry, NewEntry } from './entry'
import { append, takeBack, tell, throwAway } from './record'
import { endRest, restOf, type Rest } from './rest'
import { hurry } from './sending'

export { exportQueue } from './export'
export { isMendable } from './record'
export { startSender } from './sending'

/** Puts it at the end of the queue. Throws `StorageFull`, and then nothing of it is kept. */
export async function enqueue(entry: NewEntry): Promise<void> {
  const own = db()
  await storing(() => append(own, entry, new Date()))
  // Whoever sends wants to see it go. It is safe by now, whatever comes of this.
  void hurry(own).catch(() => {})
}

/** Sends it at once, or all that wait. */
export async function retry(id?: string): Promise<void> {
  const own = db()
  if (!id) return hurry(own)
  await endRest(own)
  await storing(() => tell(own, id, { kind: 'retried' }))
}

/** Goes on without a picture that the server does not take. */
export const sendWithout = (id: string, sha256: string): Promise<void> =>
  tell(db(), id, { kind: 'withoutPicture', sha256 })

/** Back into the form it came from: `takeBack`. Throws `StorageFull`, and then it stays where it is. */
export const mend = (id: string) => storing(() => takeBack(db(), id))

/** Throws it away for good. */
export const discard = (id: string): Promise<void> => throwAway(db(), id)

/** What would be left behind by somebody who logs out now. */
export async function unsent(): Promise<{ entries: number; drafts: number }> {
  return { entries: await db().queue.count(), drafts: await db().drafts.count() }
}

/** To be called while a page or a part is being set up. */
export function useQueueCounts(): Ref<{ waiting: number; refused: number }> {
  return live(
    async ({ db }) => {
      const refused = await db.queue.where('state').equals('refused').count()
      return { waiting: (await db.queue.count()) - refused, refused }
    },
    { waiting: 0, refused: 0 },
  )
}

/** What waits or was refused of one matter, in the order of sending. */
export function useEntriesFor(chain: Ref<string>): Ref<Entry[]> {
  return live(({ db }) => db.queue.where('chain').equals(chain.value).sortBy('seq'), [], [chain])
}

/** Why and until when nothing is being sent. */
export const useRest = (): Ref<Rest | null> => live(({ db }) => restOf(db), null)
