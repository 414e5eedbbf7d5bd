/**
 * One attempt to take a step: sent under one request id however often it has to be tried, with the version of the
 * report that its form was filled in for. When the report has moved on meanwhile the form says so and stays filled in.
 */
import { ref, watch, type Ref } from 'vue'
import { Refused, Unreachable } from '@shared/api/client'
import { newId } from '@shared/ids'
import { t } from '@/words'

export interface Signed {
  request_id: string
  version: number
}

export interface Attempt {
  busy: Ref<boolean>
  /** The sentence of the last refusal; empty when nothing is wrong. */
  fault: Ref<string>
  /** Refusals by dotted field, as the server names them. */
  errors: Ref<Record<string, string>>
  /** The report has moved on since the form was opened. */
  moved: Ref<boolean>
  /** True once the step is taken; false leaves the form as it is. */
  send: (step: (signed: Signed) => Promise<unknown>) => Promise<boolean>
  /** For a form that opens: a new request id, no faults. */
  begin: () => void
}

/** `version` of the report as it is shown now; `refresh` asks for it anew after a conflict. */
export function useAttempt(version: () => number | undefined, refresh?: () => Promise<unknown>): Attempt {
  const busy = ref(false)
  const fault = ref('')
  const errors = ref<Record<string, string>>({})
  const moved = ref(false)
  let id = newId()
  let seen = version()

  function begin(): void {
    id = newId()
    seen = version()
    moved.value = false
    fault.value = ''
    errors.value = {}
  }

  // Whoever fills in the form is told before they send it; what they see then is what they decide on.
  watch(version, (now) => {
    if (busy.value || now === seen) return
    // The first version to come is what the form opens on.
    if (seen !== undefined) moved.value = true
    seen = now
  })

  async function send(step: (signed: Signed) => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    moved.value = false
    fault.value = ''
    errors.value = {}
    try {
      await step({ request_id: id, version: seen ?? 1 })
      id = newId()
      return true
    } catch (refusal) {
      if (refusal instanceof Refused) {
        const { problem } = refusal
        errors.value = faultsByField(problem.errors)
        fault.value = problem.detail || problem.title
        if (problem.code === 'stale_version') {
          moved.value = true
          fault.value = ''
        }
        if (problem.status === 409) await refresh?.()
      } else if (refusal instanceof Unreachable) fault.value = t('common.unreachable')
      else throw refusal
      return false
    } finally {
      busy.value = false
      seen = version()
    }
  }

  return { busy, fault, errors, moved, send, begin }
}

/** The first fault of each field. */
export function faultsByField(errors: { field: string; message: string }[] = []): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { field, message } of errors) found[field] ??= message
  return found
}

/** Of a refusal what stands at none of the fields `shown`, and its own sentence where none of them says anything. */
export function faultBeside(fault: string, errors: Record<string, string>, shown: Iterable<string> = []): string {
  const at = new Set(shown)
  const others = Object.keys(errors).filter((field) => !at.has(field))
  const own = others.length < Object.keys(errors).length ? [] : [fault]
  return [...new Set([...own, ...others.map((field) => errors[field]!)])].filter(Boolean).join(' ')
}

/** The faults at or below a field, such as those of `assignments.0.department` for `assignments.0`. */
export function faultAt(errors: Record<string, string>, field: string): string {
  return errors[field] ?? Object.entries(errors).find(([name]) => name.startsWith(`${field}.`))?.[1] ?? ''
}
