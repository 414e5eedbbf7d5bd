"""The notices about households. They name a household by its number and never say its colour or who lives there."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, register

register(
    Kind(
        "colour_proposed",
        title=_("A change of colour waits for you"),
        body=_("Household %(code)s: confirm it or refuse it."),
    )
)
register(
    Kind(
        "colour_decided",
        title=_("Your change of colour was decided"),
        body=_("Household %(code)s: see what was decided and why."),
    )
)
