import type zh from '../zh/home'

const words: typeof zh = {
  greeting: 'Hello, {name}',
  noPost: 'You hold no post yet',
  first: 'Fetching your grids, households and tasks…',
  firstNeedsSignal: 'The first use needs a signal, to fetch your grids, households and tasks',
  unread: '{n} unread notice | {n} unread notices',
  report: 'Report with a photo',
  tasks: '{n} task to do | {n} tasks to do',
  noTasks: 'Nothing to do',
  due: '{n} household due today | {n} households due today',
  noneDue: 'No visit is due today',
  more: 'Map and patrol',
  map: 'Map of my grids',
  patrol: 'Patrol check-in',
}

export default words
