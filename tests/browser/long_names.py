"""`python -m tests.browser.long_names`: the scene's people, places and items under the longest names there are."""

import django

django.setup()

from accounts.models import Department, User  # noqa: E402
from grids.models import Area  # noqa: E402
from reports.models import ItemVersion  # noqa: E402

ITEM = "市政公用设施及附属构筑物损坏、缺失、移位、污损等影响通行安全和市容环境的综合类事项（含临时设施）"
UNIT = "威海市荣成市崖头街道水务集团有限公司供水管网抢修与二次供水服务管理中心（第三分中心）"
PLACE = "崖头街道台上社区居民委员会第二综合网格暨成山大道东段沿街商铺专属网格"

if __name__ == "__main__":
    ItemVersion.objects.update(name=ITEM)
    Department.objects.filter(code="SWJT").update(name=UNIT)
    Area.objects.filter(code="371082007032002").update(name=PLACE)
    User.objects.filter(username="zhang").update(full_name="欧阳慕容·买买提艾力·吐尔逊")
