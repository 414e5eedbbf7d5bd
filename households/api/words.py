"""The words of households that are data: colours, care tags, kinds of special groups. Every member of staff may read
them; who is in a group is another matter."""

from rest_framework.generics import ListAPIView

from households.api.output import CareTagOut, RiskLevelOut, SpecialGroupOut
from households.models import CareTag, RiskLevel, SpecialGroup


class RiskLevelList(ListAPIView[RiskLevel]):
    """网格五色 The colours, mildest first."""

    serializer_class = RiskLevelOut
    keyset = ("rank",)
    queryset = RiskLevel.objects.all()


class CareTagList(ListAPIView[CareTag]):
    """The care tags."""

    serializer_class = CareTagOut
    keyset = ("id",)
    queryset = CareTag.objects.all()


class SpecialGroupList(ListAPIView[SpecialGroup]):
    """The kinds of special groups."""

    serializer_class = SpecialGroupOut
    keyset = ("id",)
    queryset = SpecialGroup.objects.all()
