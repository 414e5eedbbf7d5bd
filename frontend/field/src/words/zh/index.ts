import common from './common'
import home from './home'
import report from './report'
import queue from './queue'
import tasks from './tasks'
import visits from './visits'
import map from './map'
import mine from './mine'

export default { common, home, report, queue, tasks, visits, map, mine }
