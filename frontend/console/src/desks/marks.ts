/** The colour of a word for a state; the word itself always stands with it. */
import type { Schemas } from '@shared/api/client'

type Colour = '' | 'blue' | 'green' | 'amber' | 'red' | 'violet'

export const WHISTLE_MARK: Record<Schemas['WhistleStatus'], Colour> = {
  draft: '',
  pending: 'amber',
  blown: 'blue',
  gathering: 'blue',
  handling: 'blue',
  submitted: 'violet',
  rated: 'violet',
  closed: 'green',
  declined: '',
  withdrawn: '',
  escalated: 'red',
}

export const DUTY_MARK: Record<Schemas['AssignmentStatus'], Colour> = {
  issued: 'amber',
  received: 'blue',
  reported_in: 'blue',
  submitted: 'violet',
  approved: 'green',
  returned: 'amber',
  rework: 'red',
  waived: '',
  no_show: 'red',
}

export const KIND_MARK: Record<Schemas['WhistleKind'], Colour> = {
  routine: '',
  tough: 'amber',
  emergency: 'red',
  joint: 'violet',
}
