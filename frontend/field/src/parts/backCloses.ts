/** The phone's back button closes what lies over a page before it leaves the page. */
import { onScopeDispose, watch, type Ref } from 'vue'
import { useRouter } from 'vue-router'

export function backCloses(show: Ref<boolean>, close: () => void): void {
  const router = useRouter()
  let pressed = false
  let stop = () => {}

  function start() {
    // Told in the same breath as the router, whose guards run only after that.
    const deaf = router.options.history.listen(() => {
      pressed = true
      setTimeout(() => (pressed = false))
    })
    const allow = router.beforeEach(() => {
      if (!pressed) return true
      close()
      return false
    })
    stop = () => {
      deaf()
      allow()
      stop = () => {}
    }
  }

  watch(show, (on) => (on ? start() : stop()), { immediate: true })
  onScopeDispose(() => stop())
}
