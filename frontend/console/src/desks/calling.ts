/** What is noted of one call while it lasts; kept apart from the form, so that looking at another loses nothing. */
export const SATISFACTION = ['satisfied', 'basically', 'not'] as const

export interface Call {
  reached: boolean | null
  solved: boolean | null
  satisfaction: (typeof SATISFACTION)[number] | ''
  note: string
}

export const newCall = (): Call => ({ reached: null, solved: null, satisfaction: '', note: '' })
