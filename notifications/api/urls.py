from django.urls import URLPattern, URLResolver, path

from notifications.api import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("notifications", views.NotificationList.as_view(), name="notifications-list"),
    path("notifications/ack", views.AcknowledgeView.as_view(), name="notifications-ack"),
    path("notifications/seen", views.SeenView.as_view(), name="notifications-seen"),
    path("notifications/<int:id>/receipt", views.ReceiptView.as_view(), name="notifications-receipt"),
]
