/** How many notices nobody has opened yet: on the tab and on the home page. */
import { effectScope } from 'vue'
import { live } from '@/store/live'

const whole = effectScope(true)

export const unreadCount = whole.run(() => live(({ db }) => db.notices.filter((notice) => !notice.seen).count(), 0))!
