/** The states of a report, in the order of its course. */
import type { Schemas } from '@shared/api/client'

export type Status = Schemas['ReportStatus']

export const STATUSES = [
  'submitted',
  'accepted',
  'in_progress',
  'suspended',
  'in_review',
  'callback',
  'closed',
  'rejected',
  'void',
  'merged',
] as const satisfies readonly Status[]
