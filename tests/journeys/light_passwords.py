"""The portal's settings for journeys: everything as it is, but a sign-in costs no third of a second of computing."""

from incentives.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
