import common from './common'
import board from './board'
import report from './report'
import dispatch from './dispatch'
import desk from './desk'
import supervision from './supervision'
import people from './people'
import households from './households'
import overview from './overview'

export default { common, board, report, dispatch, desk, supervision, people, households, overview }
