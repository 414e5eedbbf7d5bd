/** Who has used this device, and what of theirs is still unsent. Each has a database of their own. */
import { device, PersonDb } from './db'

export interface Known {
  username: string
  name: string
  unsent: number
  drafts: number
}

export async function knownPeople(): Promise<Known[]> {
  const sessions = await device.sessions.toArray()
  return Promise.all(
    sessions.map(async ({ username, name }) => {
      const own = new PersonDb(username)
      try {
        return { username, name, unsent: await own.queue.count(), drafts: await own.drafts.count() }
      } finally {
        own.close()
      }
    }),
  )
}
