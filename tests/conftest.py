"""What all tests have in common."""

from hypothesis import settings

# a machine under load is slow, not wrong
settings.register_profile("neuroloom", deadline=None)
settings.load_profile("neuroloom")
