/** A moment as the field for date and time writes it, in the time of Shanghai whatever the desk's own, and back. */
const ZONE = 8 * 3_600_000

/** Empty for no moment. */
export function toField(at: string | Date | null | undefined): string {
  if (!at) return ''
  return new Date(new Date(at).getTime() + ZONE).toISOString().slice(0, 16)
}

export function fromField(text: string): string {
  return new Date(Date.parse(`${text}:00Z`) - ZONE).toISOString()
}
