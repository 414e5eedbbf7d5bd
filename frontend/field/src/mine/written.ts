/** When a report was written, where that was well before it arrived: ISO 8601, else null. */
const WELL_BEFORE_MS = 2 * 60_000

export function writtenBefore(report: { captured_at?: string | null; received_at: string }): string | null {
  const { captured_at: written, received_at: arrived } = report
  return written && Date.parse(arrived) - Date.parse(written) > WELL_BEFORE_MS ? written : null
}
