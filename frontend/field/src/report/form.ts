/** What the report page holds until it is sent. Plain values only: it is kept as a draft at every change. */
import type { Schemas } from '@shared/api/client'
import type { ChosenPicture } from '@/photos/chosen'
import type { Household, Place } from '@/store/db'
import { newId } from '@shared/ids'
import { buildingName, placeOf } from '@/visits/households'
import type { Answers } from './questions'

export type Urgency = Schemas['Urgency']
export const URGENCIES: Urgency[] = ['normal', 'urgent', 'emergency']

export interface ReportForm {
  /** The report's, from the beginning: sending it twice is sending it once. */
  id: string
  item: string | null
  description: string
  place: Place | null
  /** Chosen by hand where the position lies in none of my grids. */
  grid: string | null
  address: string
  pictures: ChosenPicture[]
  answers: Answers
  /** Null: as the item says. */
  urgency: Urgency | null
  selfHandled: boolean
  measures: string
  requester: { name: string; phone: string; anonymous: boolean }
  /** When it was first sent, of one that was refused and is mended; ISO 8601. */
  capturedAt: string | null
}

export function blankForm(): ReportForm {
  return {
    id: newId(),
    item: null,
    description: '',
    place: null,
    grid: null,
    address: '',
    pictures: [],
    answers: {},
    urgency: null,
    selfHandled: false,
    measures: '',
    requester: { name: '', phone: '', anonymous: false },
    capturedAt: null,
  }
}

/** A place alone was found by itself, and `address` was filled in for the person: neither is work of anybody. */
export function isBlank(form: ReportForm, address = ''): boolean {
  const { requester } = form
  const texts = [form.description, form.measures, requester.name, requester.phone]
  return !form.item && !form.pictures.length && texts.every((text) => !text.trim()) && form.address === address
}

/** A form on what was seen at a household: its place, and its door as far as it may be named. */
export function formAt(household: Household): ReportForm {
  const form = blankForm()
  const door = household.door.includes('*') ? '' : household.door
  form.address = [buildingName(household.building), door].filter(Boolean).join(' ')
  const at = placeOf(household)
  if (at) form.place = { ...at, accuracy: null, at: new Date().toISOString(), moved: true }
  return form
}
