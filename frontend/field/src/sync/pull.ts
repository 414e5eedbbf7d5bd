/** One sync: what changed since the last one, written in one transaction. A failed or half answer changes nothing. */
import { said, type Api, type Schemas } from '@shared/api/client'
import { SECTIONS, type PersonDb } from '@/store/db'

export type Synced = Schemas['SyncOut']

const BESIDES = ['token', 'at', 'me', 'map', 'limits'] as const

/** An answer that lacks a part is no answer to take. */
function check(synced: Synced): void {
  for (const name of SECTIONS) {
    const section = synced.sections?.[name]
    if (section === undefined || (section !== null && !Array.isArray(section.rows)))
      throw new Error(`the answer lacks ${name}`)
  }
  for (const name of BESIDES) if (!synced[name]) throw new Error(`the answer lacks ${name}`)
}

/** Puts an answer into the phone's database, all of it or nothing. */
export async function take(db: PersonDb, synced: Synced): Promise<void> {
  check(synced)
  await db.transaction('rw', [...SECTIONS, 'kept'], async () => {
    for (const name of SECTIONS) {
      const section = synced.sections[name]
      if (section === null) continue
      const table = db.table(name)
      if (section.replace) await table.clear()
      else await table.bulkDelete(section.gone)
      await table.bulkPut(section.rows)
    }
    await db.kept.bulkPut(BESIDES.map((key) => ({ key, value: synced[key] })))
    const { frequent } = synced.sections
    if (frequent) await db.kept.put({ key: 'frequent', value: frequent.rows })
    await db.kept.put({ key: 'contact', value: new Date().toISOString() })
  })
}

/** Asks for what changed and takes it. Throws `Refused` or `Unreachable`. */
export async function pull(db: PersonDb, api: Api): Promise<void> {
  const token = (await db.kept.get('token'))?.value as string | undefined
  const asked = new Date().toISOString()
  await take(db, await said(api.GET('/api/v1/sync', { params: { query: token ? { token } : {} } })))
  await db.kept.put({ key: 'asked', value: asked })
}
