"""The colours, care tags and special groups a new installation begins with: defaults to be adjusted, as data.

Put into a table that has no rows, after each migration. The scheme of Weihai is not published; this one is ours.
"""

from typing import Any

from django.apps import apps as installed

from households.models import CareTag, ColourReason, RiskLevel, SpecialGroup, SuggestionRule
from households.models.vocabulary import Standing

COLOURS: tuple[dict[str, Any], ...] = (
    {
        "rank": 1,
        "code": "green",
        "name": "放心户",
        "colour": "#16a34a",
        "visit_days": 180,
        "proposes": Standing.WORKER,
    },
    {
        "rank": 2,
        "code": "blue",
        "name": "一般关注",
        "meaning": "流动、出租",
        "colour": "#2563eb",
        "visit_days": 90,
        "proposes": Standing.WORKER,
        "confirms": Standing.GRID_LEADER,
        "duty": "核对居住人员",
    },
    {
        "rank": 3,
        "code": "yellow",
        "name": "关爱帮扶",
        "meaning": "独居、残疾、困难",
        "colour": "#eab308",
        "visit_days": 30,
        "proposes": Standing.WORKER,
        "confirms": Standing.COMMUNITY,
        "note_required": True,
        "duty": "填写服务记录",
    },
    {
        "rank": 4,
        "code": "orange",
        "name": "重点关注",
        "meaning": "纠纷、隐患",
        "colour": "#ea580c",
        "visit_days": 15,
        "min_visitors": 2,
        "proposes": Standing.COMMUNITY,
        "confirms": Standing.STREET,
        "measure_required": True,
        "duty": "两人走访,记录措施",
    },
    {
        "rank": 5,
        "code": "red",
        "name": "重点管控",
        "colour": "#dc2626",
        "visit_days": 7,
        "min_visitors": 2,
        "proposes": Standing.COMMUNITY,
        "confirms": Standing.STREET,
        "leader_required": True,
        "on_daily_list": True,
        "duty": "两人走访,明确包保领导,列入日碰头清单",
    },
)
CARE_TAGS = (
    ("living_alone", "独居老人"),
    ("empty_nest", "空巢老人"),
    ("disabled", "残疾人"),
    ("low_income", "低保或困难家庭"),
    ("incapable", "失能半失能"),
    ("left_behind", "留守儿童"),
    ("child_in_need", "困境儿童"),
    ("bereaved", "失独家庭"),
    ("veteran", "退役军人或优抚对象"),
    ("floating", "流动人口"),
)
SPECIAL_GROUPS = (
    ("correction", "社区矫正对象"),
    ("released", "刑满释放人员"),
    ("drug_use", "吸毒人员"),
    ("mental", "严重精神障碍患者"),
    ("youth", "重点青少年"),
)
COLOUR_REASONS = (
    ("first", "首次评定"),
    ("dispute", "矛盾纠纷"),
    ("hazard", "安全隐患"),
    ("care", "需要关爱帮扶"),
    ("tenants", "流动或出租"),
    ("no_contact", "多次走访未遇"),
    ("settled", "问题已化解"),
    ("improved", "情况好转"),
    ("mistake", "评定有误"),
)
# Kind, words in the item's name, at least so many, within so many days, the level suggested.
SUGGESTIONS = (
    (SuggestionRule.Kind.OPEN_REPORT, "纠纷,矛盾", 1, 365, "orange"),
    (SuggestionRule.Kind.REPEATED, "", 3, 30, "orange"),
    (SuggestionRule.Kind.MISSED, "", 2, 60, "blue"),
    (SuggestionRule.Kind.OVERDUE, "", 1, 30, "blue"),
)


def ship_defaults(apps: Any = installed, **kwargs: Any) -> None:
    """Fill the tables that are empty."""
    try:
        for name in ("RiskLevel", "CareTag", "SpecialGroup", "ColourReason", "SuggestionRule"):
            apps.get_model("households", name)
    except LookupError:
        return  # brought to a state before there were any
    if not RiskLevel.objects.exists():
        RiskLevel.objects.bulk_create(RiskLevel(**one) for one in COLOURS)
    if not CareTag.objects.exists():
        CareTag.objects.bulk_create(CareTag(code=code, name=name) for code, name in CARE_TAGS)
    if not SpecialGroup.objects.exists():
        SpecialGroup.objects.bulk_create(SpecialGroup(code=code, name=name) for code, name in SPECIAL_GROUPS)
    if not ColourReason.objects.exists():
        ColourReason.objects.bulk_create(ColourReason(code=code, name=name) for code, name in COLOUR_REASONS)
    levels = {level.code: level for level in RiskLevel.objects.all()}
    if not SuggestionRule.objects.exists() and all(code in levels for *_rule, code in SUGGESTIONS):
        SuggestionRule.objects.bulk_create(
            SuggestionRule(kind=kind, words=words, least=least, days=days, level=levels[code])
            for kind, words, least, days, code in SUGGESTIONS
        )
