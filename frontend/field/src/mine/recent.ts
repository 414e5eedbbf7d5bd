/** What the person has done lately, from what is on the phone; the server's figures are elsewhere. */
import type { PersonDb } from '@/store/db'

export interface Recent {
  reported: number
  closed: number
  visited: number
}

/** As far back as the phone has the person's reports. */
export const RECENT_DAYS = 30

/** Reports of the person, those of them that are closed, and households of the person's grids last visited, by anybody. */
export async function recentOf(db: PersonDb, now: Date): Promise<Recent> {
  const since = now.getTime() - RECENT_DAYS * 86_400_000
  const lately = (at: string | null | undefined) => at != null && Date.parse(at) >= since
  const mine = await db.reports.filter((report) => report.mine && lately(report.received_at)).toArray()
  return {
    reported: mine.length,
    closed: mine.filter((report) => report.closed_at != null).length,
    visited: await db.households.filter((household) => lately(household.last_visit_at)).count(),
  }
}
