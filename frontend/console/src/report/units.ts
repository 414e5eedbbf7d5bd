/** The units a person acts for: those they hold a post at, with all below. Asked for once. */
import { ref } from 'vue'
import { said } from '@shared/api/client'
import { api, me } from '@/store/session'

const MOST = 100
const own = ref<ReadonlySet<string>>(new Set())
let askedFor = ''

export function ownUnits() {
  const posts = (me.value?.appointments ?? []).filter((post) => post.level === '').map((post) => post.at)
  const key = posts.join()
  if (key && key !== askedFor) {
    askedFor = key
    own.value = new Set(posts)
    void Promise.all(
      posts.map((within) =>
        said(api.GET('/api/v1/departments', { params: { query: { within, page_size: MOST } } })).catch(() => null),
      ),
    ).then((answers) => {
      own.value = new Set([...posts, ...answers.flatMap((answer) => answer?.results.map((unit) => unit.code) ?? [])])
    })
  }
  return own
}
