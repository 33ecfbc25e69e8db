"""What tests of several folders share."""

import signal

import pytest

from summarizer.engines.cards import find_card
from summarizer.engines.store import Pulled, locate
from summarizer.errors import ModelNotFound
from summarizer.settings import load_settings

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them send.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def pulled_default() -> Pulled:
    """The embedded default, where it has been pulled."""
    settings = load_settings()
    try:
        return locate(find_card(settings.model), settings.models_dir)
    except ModelNotFound:
        pytest.skip("the default model has not been pulled")
