"""Addresses of people under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from accounts.api.devices import Token, Tokens
from accounts.api.second_factor import ConfirmView, RecoveryCodesView, SecondFactorView
from accounts.api.sessions import SessionView

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/session", SessionView.as_view(), name="auth-session"),
    path("auth/tokens", Tokens.as_view(), name="auth-tokens"),
    path("auth/second_factor", SecondFactorView.as_view(), name="second-factor"),
    path("auth/second_factor/confirm", ConfirmView.as_view(), name="second-factor-confirm"),
    path("auth/second_factor/recovery_codes", RecoveryCodesView.as_view(), name="second-factor-codes"),
    path("auth/tokens/<str:key>", Token.as_view(), name="auth-token"),
]
