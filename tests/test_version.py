"""One version, wherever it is asked for."""

import importlib.metadata

import engine
import studio


def test_the_parts_tell_the_version_of_the_package():
    version = importlib.metadata.version("neuroloom")
    assert engine.__version__ == studio.__version__ == version
