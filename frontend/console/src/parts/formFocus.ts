/** Where the cursor stands in a form: for whoever fills it in with the keyboard or hears it. */
import { nextTick, onBeforeUnmount, watch, type Ref } from 'vue'

const FIELDS = 'textarea, select, input:not([type="search"])'
const AT_FAULT = '[aria-invalid="true"]'

export const toFirst = (form: HTMLElement | null | undefined) => form?.querySelector<HTMLElement>(FIELDS)?.focus()
const toFault = (form: HTMLElement | null | undefined) =>
  void nextTick(() => form?.querySelector<HTMLElement>(AT_FAULT)?.focus())

/** `within`: something in the form; `errors`: what the server has against its fields. */
export function useFormFocus(within: Ref<HTMLElement | null>, errors: () => unknown): void {
  let form: HTMLElement | null | undefined
  const lead = () => toFault(form)
  const leave = () => form?.removeEventListener('submit', lead)
  watch(
    within,
    (element) => {
      leave()
      form = element?.closest('form')
      form?.addEventListener('submit', lead)
      // A dialog first takes the cursor itself. Beside a list it stays where it is.
      if (form?.closest('[role="dialog"]')) setTimeout(() => toFirst(form))
    },
    { immediate: true, flush: 'post' },
  )
  onBeforeUnmount(leave)
  watch(errors, lead)
}
