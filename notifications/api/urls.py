from django.urls import URLPattern, URLResolver, path

from notifications.api import receipts, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("notifications", views.NotificationList.as_view(), name="notifications-list"),
    path("notifications/ack", views.AcknowledgeView.as_view(), name="notifications-ack"),
    path("notifications/seen", views.SeenView.as_view(), name="notifications-seen"),
    path("messages/receipts", receipts.ReceiptOfGateway.as_view(), name="message-receipts"),
    path("notifications/<int:id>/receipt", views.ReceiptView.as_view(), name="notifications-receipt"),
]
