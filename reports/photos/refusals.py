"""Every way a photo is refused."""

from django.utils.translation import gettext_lazy as _

from core.problems import catalogue

catalogue(
    {
        "photo_too_large": (413, _("The photo is larger than %(max_megabytes)s MB.")),
        "photo_size_mismatch": (422, _("The photo has %(actual)s bytes, not the %(declared)s that were announced.")),
        "photo_hash_mismatch": (422, _("The photo is not the one that was announced: its SHA-256 differs.")),
        "photo_type": (
            415,
            _("Only JPEG, PNG, WebP and HEIC photos are taken; the file's content decides, not its name."),
        ),
        "photo_too_many_pixels": (413, _("The photo has more than %(max_megapixels)s megapixels.")),
        "photo_damaged": (422, _("The photo is damaged or incomplete and cannot be read to its end.")),
        "photo_link_invalid": (403, _("The link to the photo is not valid.")),
        "photo_link_expired": (403, _("The link to the photo has expired.")),
        "storage_full": (507, _("The photo cannot be kept because the storage is full.")),
    }
)
