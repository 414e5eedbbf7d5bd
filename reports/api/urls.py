"""Addresses of the matters under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from reports.api import (
    ahead,
    announcements,
    bulk,
    catalogue,
    counts,
    duplicates,
    figures,
    knowledge,
    printing,
    reports,
    requesters,
    requests,
    routing,
    saved_filters,
    steps,
    supervision,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *announcements.urlpatterns,
    *catalogue.urlpatterns,
    *knowledge.urlpatterns,
    *saved_filters.urlpatterns,
    path("figures/overview", figures.Overview.as_view(), name="figures-overview"),
    path("figures/reports", figures.ReportsBehind.as_view(), name="figures-reports"),
    path("figures/whistles", figures.WhistlesBehind.as_view(), name="figures-whistles"),
    path("figures/assignments", figures.AssignmentsBehind.as_view(), name="figures-assignments"),
    path("figures/callbacks", figures.CallbacksBehind.as_view(), name="figures-callbacks"),
    path("reports", reports.ReportList.as_view(), name="reports-list"),
    path("reports/counts", counts.ReportCounts.as_view(), name="reports-counts"),
    path("reports/of_caller", requesters.ReportsOfCaller.as_view(), name="reports-of-caller"),
    path("reports/<uuid:pk>", reports.ReportView.as_view(), name="report"),
    path("reports/<uuid:pk>/print", printing.PrintView.as_view(), name="report-print"),
    path("reports/nearby", duplicates.Nearby.as_view(), name="reports-nearby"),
    *(path(f"reports/bulk/{name}", view, name=f"reports-bulk-{name}") for name, view in bulk.BULK_VIEWS.items()),
    path("reports/<uuid:pk>/duplicates", duplicates.Duplicates.as_view(), name="report-duplicates"),
    path("reports/<uuid:pk>/events", reports.EventList.as_view(), name="report-events"),
    path("reports/<uuid:pk>/delivery", reports.ReportDelivery.as_view(), name="report-delivery"),
    path("reports/<uuid:pk>/ahead", ahead.ReportAhead.as_view(), name="report-ahead"),
    path("reports/<uuid:pk>/delete", steps.DeleteReport.as_view(), name="report-delete"),
    path("reports/<uuid:pk>/reveal_requester", steps.RevealRequester.as_view(), name="report-reveal-requester"),
    path("reports/<uuid:pk>/photos/<str:sha256>", reports.PhotoView.as_view(), name="report-photo"),
    path("reports/<uuid:pk>/callbacks", requesters.CallbackList.as_view(), name="report-callbacks"),
    path("reports/<uuid:pk>/messages", requesters.MessageList.as_view(), name="report-messages"),
    path("reports/<uuid:pk>/messages/preview", requesters.PreviewMessage.as_view(), name="report-messages-preview"),
    path("messages/<int:pk>/resend", requesters.ResendMessage.as_view(), name="message-resend"),
    path("message_templates", requesters.TemplateList.as_view(), name="message-templates-list"),
    path("photos/<str:token>", reports.SignedPhoto.as_view(), name="photo-signed"),
    path("reports/<uuid:pk>/routing", routing.ReportRouting.as_view(), name="report-routing"),
    path("routing_rules", routing.RuleList.as_view(), name="routing-rules-list"),
    path("routing_rules/<int:pk>", routing.RuleView.as_view(), name="routing-rule"),
    path("routing_rules/<int:pk>/trial", routing.RuleTrial.as_view(), name="routing-rule-trial"),
    path("routing_rules/<int:pk>/switch_on", routing.switch_on_view, name="routing-rule-switch_on"),
    path("routing_rules/<int:pk>/switch_off", routing.switch_off_view, name="routing-rule-switch_off"),
    path("assignments", steps.AssignmentList.as_view(), name="assignments-list"),
    path("field_checks", steps.FieldCheckList.as_view(), name="field-checks-list"),
    path("assignments/hand_over", requests.HandOver.as_view(), name="assignments-hand-over"),
    path("requests", requests.RequestList.as_view(), name="requests-list"),
    path("whistles", steps.WhistleList.as_view(), name="whistles-list"),
    path("whistles/<int:pk>/delivery", steps.WhistleWatch.as_view(), name="whistle-delivery"),
    path("whistles/<int:pk>/meetings", supervision.MeetingList.as_view(), name="whistle-meetings"),
    path("supervision_orders", supervision.OrderList.as_view(), name="orders-list"),
    path("cards", supervision.CardList.as_view(), name="cards-list"),
    path("deputies", supervision.DeputyList.as_view(), name="deputies-list"),
    path("deputies/<int:pk>/end", supervision.EndDeputy.as_view(), name="deputy-end"),
    *(path(f"reports/<uuid:pk>/{name}", view, name=f"report-{name}") for name, view in steps.REPORT_VIEWS.items()),
    *(
        path(f"assignments/<int:pk>/{name}", view, name=f"assignment-{name}")
        for name, view in steps.ASSIGNMENT_VIEWS.items()
    ),
    *(
        path(f"field_checks/<int:pk>/{name}", view, name=f"field_check-{name}")
        for name, view in steps.FIELD_CHECK_VIEWS.items()
    ),
    *(path(f"whistles/<int:pk>/{name}", view, name=f"whistle-{name}") for name, view in steps.WHISTLE_VIEWS.items()),
    *(path(f"cards/<int:pk>/{name}", view, name=f"card-{name}") for name, view in steps.CARD_VIEWS.items()),
    *(path(f"requests/<int:pk>/{name}", view, name=f"request-{name}") for name, view in steps.REQUEST_VIEWS.items()),
    *(
        path(f"supervision_orders/<int:pk>/{name}", view, name=f"order-{name}")
        for name, view in steps.ORDER_VIEWS.items()
    ),
]
