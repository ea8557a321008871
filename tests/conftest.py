"""What all tests have in common."""

import os

from hypothesis import settings

os.environ.setdefault("NEUROLOOM_CACHE", "0")  # what is tested is compiled here

# a machine under load is slow, not wrong
settings.register_profile("neuroloom", deadline=None)
settings.load_profile("neuroloom")
