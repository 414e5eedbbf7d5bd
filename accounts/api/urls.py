"""Addresses of people under /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from accounts.api.devices import Token, Tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/tokens", Tokens.as_view(), name="auth-tokens"),
    path("auth/tokens/<str:key>", Token.as_view(), name="auth-token"),
]
