/** A choice kept in the address of the page, so that a link and the way back find it. */
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useChoice(name: string, otherwise = ''): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => String(route.query[name] ?? otherwise),
    set: (value) => void router.replace({ query: { ...route.query, [name]: value || undefined } }),
  })
}
