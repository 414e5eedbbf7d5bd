/** The second way: the same readings and confirmations over HTTP, for nets that let no socket through. */
import { said } from '@shared/api/client'
import type { Notice } from '@/store/db'
import type { Person } from '@/store/session'
import { keep, noteAcked, noteSeenAt, trim, unsaid } from './keep'

const PAGE = 100
const PAGES = 20

/**
 * Fetches what no device has confirmed and hands on what is new here; with `also` the newest besides, to learn what was
 * done on other devices.
 */
export async function fetchNotices(who: Person, also: boolean, came: (fresh: Notice[]) => void): Promise<void> {
  if (also) await page(who, false, came)
  for (let n = 0; n < PAGES; n++) {
    const count = await page(who, true, came)
    await tell(who)
    if (count < PAGE) break
  }
  await trim(who.db)
}

async function page({ api, db }: Person, unacknowledged: boolean, came: (fresh: Notice[]) => void): Promise<number> {
  const query = unacknowledged ? { page_size: PAGE, unacknowledged } : { page_size: PAGE }
  const { results } = await said(api.GET('/api/v1/notifications', { params: { query } }))
  came(await keep(db, results))
  return results.length
}

/** Tells the server what is on this phone and what was opened here. */
export async function tell({ api, db }: Person): Promise<void> {
  const rows = await db.notices.filter((row) => !row.acked || (row.seen && !row.seen_at)).toArray()
  const acks = unsaid.acks(rows)
  if (acks.length) {
    await said(api.POST('/api/v1/notifications/ack', { body: { ids: acks } }))
    await noteAcked(db, acks)
  }
  const seen = unsaid.seen(rows)
  if (seen.length) {
    await said(api.POST('/api/v1/notifications/seen', { body: { ids: seen } }))
    await noteSeenAt(db, seen, new Date().toISOString())
  }
}
