/** Days as the server reckons them: in Asia/Shanghai, which keeps no summer time. A day is written 2026-11-26. */
const SHANGHAI_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

export function dayOf(moment: string | number): string {
  const ms = typeof moment === 'number' ? moment : Date.parse(moment)
  return new Date(ms + SHANGHAI_MS).toISOString().slice(0, 10)
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/** From one day to another; negative backwards. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
}
