/** A step that one dialog asks for: what it is called, whether it wants a reason, and how it is sent. */
import type { Signed } from '@/parts/StepForm'

export interface Asking {
  title: string
  hint?: string
  /** What the text is; without it there is nothing to write. */
  label?: string
  /** The text's name at the server, so that its faults stand beside it. */
  field?: 'note' | 'reason' | 'text'
  required?: boolean
  max?: number
  button: string
  danger?: boolean
  /** Of the report the decision rests on, where it is on screen. */
  version?: () => number | undefined
  refresh?: () => Promise<unknown>
  send: (text: string, signed: Signed) => Promise<unknown>
}
