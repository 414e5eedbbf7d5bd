"""Addresses of households and buildings under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from households.api import buildings, households, imports, reports, residents, words

HOUSEHOLD = "households/<uuid:pk>"
IMPORT = "households/imports/<uuid:pk>"
RESIDENT = f"{HOUSEHOLD}/residents/<uuid:resident>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("households", households.HouseholdList.as_view(), name="households-list"),
    path("households/lookup", households.LookUp.as_view(), name="households-lookup"),
    path("households/risk_levels", words.RiskLevelList.as_view(), name="risk-levels-list"),
    path("households/care_tags", words.CareTagList.as_view(), name="care-tags-list"),
    path("households/special_groups", words.SpecialGroupList.as_view(), name="special-groups-list"),
    path("households/import_template", imports.TemplateView.as_view(), name="household-import-template"),
    path("households/imports", imports.ImportList.as_view(), name="household-imports-list"),
    path(IMPORT, imports.ImportView.as_view(), name="household-import"),
    path(f"{IMPORT}/faults", imports.ImportFaults.as_view(), name="household-import-faults"),
    path(f"{IMPORT}/apply", imports.ApplyImport.as_view(), name="household-import-apply"),
    path(f"{IMPORT}/discard", imports.DiscardImport.as_view(), name="household-import-discard"),
    path("households/exports", imports.ExportView.as_view(), name="household-exports"),
    path(HOUSEHOLD, households.HouseholdView.as_view(), name="household"),
    path(f"{HOUSEHOLD}/events", households.HouseholdEvents.as_view(), name="household-events"),
    path(f"{HOUSEHOLD}/move_in", households.MoveIn.as_view(), name="household-move_in"),
    path(f"{HOUSEHOLD}/move_out", households.MoveOut.as_view(), name="household-move_out"),
    path(f"{HOUSEHOLD}/split", households.Split.as_view(), name="household-split"),
    path(f"{HOUSEHOLD}/merge", households.Merge.as_view(), name="household-merge"),
    path(f"{HOUSEHOLD}/reveal", households.RevealDoor.as_view(), name="household-reveal"),
    path(f"{HOUSEHOLD}/reports", reports.ReportsOfHousehold.as_view(), name="household-reports"),
    path(f"{HOUSEHOLD}/reports/<uuid:report>", reports.ReportOfHousehold.as_view(), name="household-report"),
    path(f"{HOUSEHOLD}/special_groups/<int:entry>/leave", residents.LeaveGroup.as_view(), name="household-leave_group"),
    path(RESIDENT, residents.ResidentView.as_view(), name="resident"),
    path(f"{RESIDENT}/move_out", residents.ResidentMoveOut.as_view(), name="resident-move_out"),
    path(f"{RESIDENT}/reveal", residents.RevealResident.as_view(), name="resident-reveal"),
    path(f"{RESIDENT}/special_groups", residents.EnterGroup.as_view(), name="resident-enter_group"),
    path("buildings", buildings.BuildingList.as_view(), name="buildings-list"),
    path("buildings/<uuid:pk>", buildings.BuildingView.as_view(), name="building"),
    path("buildings/<uuid:pk>/households", buildings.HouseholdsOfBuilding.as_view(), name="building-households"),
    path("buildings/<uuid:pk>/reveal", buildings.RevealBuilding.as_view(), name="building-reveal"),
]
