"""What all tests have in common."""

import os
import signal

from hypothesis import settings

os.environ.setdefault("NEUROLOOM_CACHE", "0")  # what is tested is compiled here

# shells let what they start in the background ignore interrupts, and so its children
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# a machine under load is slow, not wrong
settings.register_profile("neuroloom", deadline=None)
settings.load_profile("neuroloom")
