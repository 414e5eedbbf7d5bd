/** Sends a step from its form: into the queue, which always takes it unless the phone is full. */
import { ref } from 'vue'
import { signedWith } from '@/notices/receipt'
import { stored, tellDone } from '@/parts/tell'
import type { ChosenPicture } from '@/photos/chosen'
import { discard } from '@/queue'
import type { Entry } from '@/queue/entry'
import { keptForm } from '@/store/draft'
import { t } from '@/words'
import type { Matter } from '../matter'
import { takeStep, type StepName } from '../steps'

/** Runs `send` once at a time; true when it is in the queue. */
export function useSending() {
  const busy = ref(false)
  async function sending(done: string, send: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      const sent = await stored(send)
      if (sent) tellDone(t('tasks.sentLater', { done }))
      return sent
    } finally {
      busy.value = false
    }
  }
  return { busy, sending }
}

/** What the form of a step is given: the duty, the entry that was refused, and what follows once it is sent. */
export interface StepProps {
  matter: Matter
  refused: Entry | null
  done: () => void
}

/** The form of a step, kept until the step is in the queue. */
export function useStepForm<T extends object>(name: StepName, props: Readonly<StepProps>, before: T) {
  const { busy, sending } = useSending()
  const { blank, isBlank } = beginning(before)
  const { form, clear } = keptForm(`task:${props.matter.id}:${name}`, blank, isBlank)

  async function send(body: Record<string, unknown>, pictures: ChosenPicture[] = []): Promise<void> {
    const put = () => putStep(name, props.matter, body, pictures, props.refused)
    if (!(await sending(t(`tasks.done.${name}`), put))) return
    await clear()
    props.done()
  }
  return { form, busy, send }
}

/** In place of `refused`, if the server refused this step before: its pictures are used again. */
export async function putStep(
  name: StepName,
  matter: Matter,
  body: Record<string, unknown>,
  pictures: ChosenPicture[] = [],
  refused: Entry | null = null,
): Promise<void> {
  await takeStep(name, { id: matter.id, report: matter.report, title: titleOf(name, matter) }, body, pictures)
  if (refused) await discard(refused.id)
  if (name === 'receive' || name === 'report_in') await signedWith('assignment', String(matter.id))
}

const titleOf = (name: StepName, matter: Matter) => `${t(`tasks.steps.${name}`)} · ${matter.item}`

export const picturesOf = (entry: Entry | null): ChosenPicture[] =>
  (entry?.pictures ?? []).map(({ sha256, size, kind }) => ({ sha256, size, kind }))

/** The form as it begins, and whether nothing was changed since: then there is nothing to keep. */
export function beginning<T extends object>(before: T) {
  const text = JSON.stringify(before)
  return { blank: () => JSON.parse(text) as T, isBlank: (now: T) => JSON.stringify(now) === text }
}

/** A moment as the phone's own field for date and time writes it, and back. */
export function toField(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

export const fromField = (text: string) => new Date(text).toISOString()
