"""Engines in a process of their own; what runs in it is written into a module that both processes can import."""

import os
import sys
from functools import partial

import pytest

from summarizer.engines.base import Request
from summarizer.engines.lead import LeadEngine
from summarizer.engines.process import ProcessEngine
from summarizer.errors import InferenceFailed, ModelUnhealthy

ENGINES = '''
import os, sys
from summarizer.engines.base import Generation, Update
from summarizer.engines.lead import LeadEngine
from summarizer.errors import InferenceFailed, ModelUnhealthy


class Slow(LeadEngine):
    """One word a step, and what it prints, on the output through which it answers."""

    continuous = True

    def __init__(self):
        super().__init__()
        self.going = {}

    def admit(self, ticket, request):
        print("native code prints", flush=True)
        if request.text == "refused":
            raise InferenceFailed("This one is not taken.")
        if request.text == "a fault":
            raise ValueError("the words of " + request.text)
        self.going[ticket] = (request, request.text.split(), [])

    def step(self):
        news = []
        for ticket, (request, words, said) in list(self.going.items()):
            if request.text == "kill":
                os._exit(7)
            if request.text == "raise":
                raise ValueError("the words of " + request.text)
            reason = "cancelled" if request.is_cancelled() else "stop" if not words else None
            if reason:
                del self.going[ticket]
                news.append(Update(ticket, generation=Generation(" ".join(said), 1, len(said), reason)))
            else:
                said.append(words.pop(0))
                news.append(Update(ticket, said[-1] + " "))
        return news

    def close(self):
        if any(request.text == "raise" for request, *_ in self.going.values()):
            raise ValueError("the words of what was under way")


def unhealthy():
    raise ModelUnhealthy("Its files are damaged.", hint="Pull it again.")


def where():
    engine = LeadEngine()
    engine.context_tokens = os.getpid()
    return engine
'''


class Words:
    """In place of a chat: a token a word."""

    def count(self, texts):
        return [len(text.split()) for text in texts]

    def prompt(self, system, text):
        return [*system.split(), *text.split()]


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engines")
    (folder / "engines_apart.py").write_text(ENGINES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield __import__("engines_apart")


@pytest.fixture
def slow(engines):
    engine = ProcessEngine(engines.Slow, Words())
    yield engine
    engine.close()


def run(engine, *texts):
    """Each request's pieces, and its end."""
    for ticket, text in enumerate(texts):
        engine.admit(ticket, Request(text))
    pieces, ends = {}, {}
    while len(ends) < len(texts):
        for news in engine.step():
            pieces[news.ticket] = pieces.get(news.ticket, "") + news.text
            if news.generation or news.error:
                ends[news.ticket] = news.generation or news.error
    return pieces, [ends[ticket] for ticket in range(len(texts))]


def test_it_answers_as_the_engine_itself_does():
    text = "The dam broke on Monday. Nobody was hurt. Schools are closed. Roads are not."
    apart = ProcessEngine(LeadEngine, Words())
    assert run(apart, text, "It rained.") == run(LeadEngine(), text, "It rained.")
    assert apart.info == LeadEngine().info and apart.max_batch_tokens == LeadEngine().max_batch_tokens
    assert apart.count_tokens(["a b", ""]) == [2, 0] and apart.prompt_tokens("Be brief.") == 2
    apart.close()


def test_it_is_another_process_and_ends_with_the_engine(engines):
    engine = ProcessEngine(engines.where, Words())
    child = engine.context_tokens
    os.kill(child, 0)
    assert child != os.getpid()
    engine.close()
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_pieces_come_step_by_step_whatever_the_engine_prints(engines, capfd):
    slow = ProcessEngine(engines.Slow, Words())
    pieces, (first, second) = run(slow, "a b c", "d")
    assert pieces == {0: "a b c ", 1: "d "} and (first.text, second.text) == ("a b c", "d")
    slow.close()
    captured = capfd.readouterr()
    assert captured.out == "" and captured.err.count("native code prints") == 2


def test_who_leaves_is_told_to_the_process(slow):
    left = False
    slow.admit(0, Request("a b c d e f", is_cancelled=lambda: left))
    slow.admit(1, Request("g h i j"))
    said = [slow.step(), slow.step()]
    left = True
    ends = {news.ticket: news.generation for _ in range(4) for news in slow.step() if news.generation}
    assert all(len(news) == 2 for news in said)
    assert (ends[0].text, ends[0].finish_reason) == ("a b", "cancelled") and ends[1].text == "g h i j"


def test_a_refused_request_is_answered_alone(slow):
    _, (refused, faulty, taken) = run(slow, "refused", "a fault", "a b")
    assert refused.message == "This one is not taken." and taken.text == "a b"
    assert isinstance(faulty, InferenceFailed) and "words of" not in faulty.message


@pytest.mark.parametrize("fatal", ["kill", "raise"])
def test_if_its_process_ends_all_are_answered_and_the_next_is_written(engines, fatal, capfd):
    slow = ProcessEngine(engines.Slow, Words())
    _, answers = run(slow, "a b c", fatal)
    assert all(isinstance(answer, InferenceFailed) for answer in answers)
    assert slow.step() == []
    assert run(slow, "a b")[1][0].text == "a b"
    slow.close()
    said = capfd.readouterr().err
    assert "native code prints" in said and "the words of" not in said  # an error may quote the article


def test_if_its_process_ends_between_two_requests_nobody_notices(slow):
    slow._child.kill()
    slow._child.wait()
    assert run(slow, "a b")[1][0].text == "a b"


def test_what_loading_raises_is_raised_here(engines, monkeypatch):
    with pytest.raises(ModelUnhealthy, match="damaged") as raised:
        ProcessEngine(engines.unhealthy, Words())
    assert raised.value.hint == "Pull it again."
    with pytest.raises(ModelUnhealthy, match="ended before"):
        ProcessEngine(partial(os._exit, 3), Words())
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(ModelUnhealthy):
        ProcessEngine(LeadEngine, Words())


def test_modules_of_the_working_directory_are_not_imported(engines, tmp_path, monkeypatch):
    (tmp_path / "pickle.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ProcessEngine(engines.where, Words()).close()
