/** One attempt of a step that goes by no version, as `useAttempt` does it, with what is to be done once it is through. */
import { computed, type ComputedRef, type Ref } from 'vue'
import { faultBeside, useAttempt } from '@/parts/StepForm'
import { t } from '@/words'

export interface Step {
  busy: Ref<boolean>
  /** Why it was not done, as a sentence; empty when nothing went wrong. */
  fault: ComputedRef<string>
  /** Faults by field; a nested field by its whole path. */
  faults: Ref<Record<string, string>>
  /** Somebody else changed it meanwhile. */
  moved: Ref<boolean>
  /** The fields that say their own faults. */
  fields: Set<string>
  go: () => Promise<void>
  clear: () => void
}

export function useStep<T>(send: (requestId: string) => Promise<T>, done: (answer: T) => void): Step {
  const attempt = useAttempt(() => undefined)
  const fields = new Set<string>()

  async function go(): Promise<void> {
    let answer: T
    const taken = await attempt.send(async ({ request_id }) => {
      answer = await send(request_id)
    })
    if (taken) done(answer!)
  }

  return {
    busy: attempt.busy,
    fault: computed(() =>
      attempt.moved.value ? t('people.moved') : faultBeside(attempt.fault.value, attempt.errors.value, fields),
    ),
    faults: attempt.errors,
    moved: attempt.moved,
    fields,
    go,
    clear: attempt.begin,
  }
}
