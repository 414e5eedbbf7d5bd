/** The two answers to a question of yes or no, in the words of what they mean. */
import { t } from '@/words'

type Word = Parameters<typeof t>[0]

export const yesOrNo = (yes: Word, no: Word) => [
  { value: true, label: t(yes) },
  { value: false, label: t(no) },
]
