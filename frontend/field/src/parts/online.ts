/** Whether the phone says that it has a signal. To be called while a part is being set up. */
import { onScopeDispose, ref, type Ref } from 'vue'

export function useOnline(): Ref<boolean> {
  const online = ref(navigator.onLine)
  const look = () => (online.value = navigator.onLine)
  for (const name of ['online', 'offline']) {
    addEventListener(name, look)
    onScopeDispose(() => removeEventListener(name, look))
  }
  return online
}
