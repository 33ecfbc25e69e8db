"""The embedded judge of sentences: both engines, and what it was trained with."""

import sys
from pathlib import Path

import pytest

from summarizer.engines.base import Request
from summarizer.engines.cards import find_card
from summarizer.engines.chat import JUDGE_SYSTEM, Chat, question
from summarizer.engines.load import plan
from summarizer.engines.store import locate
from summarizer.errors import ModelNotFound, SettingsError
from summarizer.settings import load_settings

pytestmark = pytest.mark.model

TEXT = (
    "The river rose by three meters on Tuesday and flooded the old town of Kessel. Firefighters led 240 people out of "
    "their houses. Mayor Ines Brandt said that the dam had held. Schools stay closed until Friday."
)
RIGHT = [
    "The old town of Kessel was flooded on Tuesday when the river rose by three meters.",
    "Firefighters brought 240 people out of their houses, and schools stay closed until Friday.",
    "According to Mayor Ines Brandt, the dam held.",
]
WRONG = [
    "Mayor Ines Brandt led 240 people out of their houses.",
    "The river flooded the old town of Kessel until Friday.",
    "Firefighters said that schools had held on Tuesday.",
]


def judge(engine):
    for ticket, claim in enumerate([*RIGHT, *WRONG]):
        engine.admit(ticket, Request(TEXT, claim=claim))
    found = {}
    while len(found) < len(RIGHT) + len(WRONG):
        found |= {news.ticket: news.generation.support for news in engine.step()}
    return [found[i] for i in range(len(found))]


@pytest.fixture(scope="module")
def pulled_judge():
    """The embedded judge, where it has been pulled."""
    try:
        return locate(find_card("smollm2-135m-judge"), load_settings().models_dir)
    except ModelNotFound:
        pytest.skip("the judge has not been pulled")


@pytest.fixture(scope="module")
def answers(pulled_judge):
    from summarizer.engines.transformers import TransformersEngine

    return judge(TransformersEngine(pulled_judge, device="cpu", dtype="float32"))


def test_true_sentences_are_likelier_than_wrong_ones(answers):
    right, wrong = answers[: len(RIGHT)], answers[len(RIGHT) :]
    assert sum(a > b for a in right for b in wrong) >= 8  # of nine: it mistrusts the passive
    assert all(0.0 < answer < 1.0 for answer in answers)


def test_openvino_answers_as_transformers_does(answers, pulled_judge):
    pytest.importorskip("openvino_genai")
    from summarizer.engines.openvino import OpenVinoEngine

    engine = OpenVinoEngine(pulled_judge, dtype="float32")
    assert judge(engine) == pytest.approx(answers, abs=0.02)
    engine.close()


def test_it_is_asked_as_it_was_trained(pulled_judge, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[2] / "models" / "adapters"), *sys.path])
    from packed import Packer

    packer, chat = Packer(pulled_judge.directory), Chat(pulled_judge.directory)
    row = packer.row(TEXT, [*RIGHT, *WRONG])
    for number, (claim, end) in enumerate(zip([*RIGHT, *WRONG], row.ends, strict=True), 1):
        own = [i for i, claim_of in enumerate(row.claim_of) if claim_of in (0, number)]
        assert [row.ids[i] for i in own] == chat.prompt(JUDGE_SYSTEM, question(TEXT, claim))
        assert [row.positions[i] for i in own] == list(range(len(own))) and own[-1] == end


def test_it_is_no_writer(pulled_judge):
    with pytest.raises(SettingsError, match="as judge"):
        plan(load_settings(model=pulled_judge.card.name))
