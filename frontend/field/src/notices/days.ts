/** The list of notices: what was not opened first, then by day, the newest first. */
import type { Notice } from '@/store/db'

export interface Group {
  /** `unread`, or the day as YYYY-MM-DD in the phone's zone. */
  key: string
  rows: Notice[]
}

/** `unread`: those not opened when the list was opened, so that nothing jumps away under the finger. */
export function grouped(notices: Notice[], unread: ReadonlySet<number>): Group[] {
  const sorted = [...notices].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at) || b.id - a.id)
  const groups = new Map<string, Notice[]>()
  const add = (key: string, notice: Notice) => groups.set(key, [...(groups.get(key) ?? []), notice])
  for (const notice of sorted) if (unread.has(notice.id)) add('unread', notice)
  groups.get('unread')?.sort((a, b) => Number(urgent(b)) - Number(urgent(a)))
  for (const notice of sorted) if (!unread.has(notice.id)) add(dayOf(notice.created_at), notice)
  return [...groups].map(([key, rows]) => ({ key, rows }))
}

export const urgent = (notice: Notice) => notice.urgency !== 'normal'

/** Still to be signed for by the person. */
export const toSign = (notice: Notice) => notice.needs_receipt && !notice.receipted_at

export function dayOf(iso: string): string {
  const at = new Date(iso)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
