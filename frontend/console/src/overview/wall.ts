/** The wall: an element fills the screen. Where the browser does not allow that, it fills the window. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

export function useWall(element: Ref<HTMLElement | undefined>) {
  const wall = ref(false)

  async function enter(): Promise<void> {
    wall.value = true
    await element.value?.requestFullscreen?.().catch(() => {})
  }
  function leave(): void {
    wall.value = false
    if (document.fullscreenElement) void document.exitFullscreen()
  }
  const changed = () => {
    if (!document.fullscreenElement) wall.value = false
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && wall.value) leave()
  }
  onMounted(() => {
    document.addEventListener('fullscreenchange', changed)
    document.addEventListener('keydown', pressed)
  })
  onBeforeUnmount(() => {
    leave()
    document.removeEventListener('fullscreenchange', changed)
    document.removeEventListener('keydown', pressed)
  })
  return { wall, enter, leave }
}
