/** What the desk of volunteers asks in several places. */
import type { Schemas } from '@shared/api/client'

export type ServiceKind = Schemas['ServiceKind']
export const SERVICE_KINDS: ServiceKind[] = [
  ...(['emergency', 'patrol', 'care', 'environment', 'mediation', 'publicity', 'culture', 'other'] as const),
]

/** 张* (张三) is the same person to the reader: the name where the desk has it. */
export const nameOf = (one: { name: string; display_name: string }) => one.name || one.display_name

/** Skills as typed: parted by commas, Chinese or not, or spaces. */
export const skillsOf = (text: string): string[] => [...new Set(text.split(/[,，、;；\s]+/).filter(Boolean))]

/** Hours from coming to leaving, in quarters, as a first proposal; nought for one who never came. */
export function hoursOf(
  arrived: string | null | undefined,
  left: string | null | undefined,
  closed = Date.now(),
): number {
  if (!arrived) return 0
  const until = left ? Date.parse(left) : closed
  return Math.max(0, Math.round(((until - Date.parse(arrived)) / 3_600_000) * 4) / 4)
}
