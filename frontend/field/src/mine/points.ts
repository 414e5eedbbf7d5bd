/** 信用积分 Credit points: only volunteers have them; everyone else has none to show. */
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'

export type Volunteer = Schemas['VolunteerMe']

export const volunteerMe = (): Promise<Volunteer> => said(api().GET('/api/v1/volunteers/me'))
