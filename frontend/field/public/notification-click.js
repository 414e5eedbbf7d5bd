// Part of the service worker: a tap on a notification opens what it is about, in the page that is open or a new one.
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL((event.notification.data && event.notification.data.url) || '/field/', self.location.origin).href
  const open = async () => {
    const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
    const page = pages.find((one) => new URL(one.url).pathname.startsWith('/field/'))
    if (!page) return self.clients.openWindow(url)
    await page.focus()
    return page.navigate(url)
  }
  event.waitUntil(open())
})
