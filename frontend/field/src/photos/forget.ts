/** Bytes of pictures that no entry and no draft names any more. */
import { person } from '@/store/session'

/** The form that let it go keeps its draft first. */
const AFTER_MS = 3_000

export function forgetPicture(sha256: string): void {
  const db = person.value?.db
  if (db) setTimeout(() => void forgetNow([sha256], db).catch(console.error), AFTER_MS)
}

/** Removes those of `hashes` that nothing names. */
export async function forgetNow(hashes: string[], db = person.value?.db): Promise<void> {
  await db?.transaction('rw', db.queue, db.drafts, db.pictures, async () => {
    const entries = await db.queue.toArray()
    const used = new Set(entries.flatMap((entry) => entry.pictures.map((picture) => picture.sha256)))
    const drafts = JSON.stringify(await db.drafts.toArray())
    await db.pictures.bulkDelete(hashes.filter((sha256) => !used.has(sha256) && !drafts.includes(sha256)))
  })
}
