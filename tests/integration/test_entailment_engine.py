"""Entailment models on tiny random classifiers built here, and the pipeline with one as its judge."""

from dataclasses import replace

import pytest
import tokenizers
import torch
import transformers

from summarizer import AsyncSummarizer
from summarizer.engines.base import Request
from summarizer.engines.cards import find_card
from summarizer.engines.entailment import EntailmentEngine
from summarizer.engines.lead import LeadEngine
from summarizer.engines.load import plan, plan_judge
from summarizer.engines.scheduler import Scheduler
from summarizer.engines.store import locate
from summarizer.errors import InferenceFailed, ModelNotFound, ModelUnhealthy, SettingsError
from summarizer.settings import load_settings

WORDS = "the a boat boats left harbour port fish ship crew storm mayor city said on in . ,".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXT = "the crew said the storm left the city in the port ."
MNLI = {0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """Makes a tiny BERT with these labels."""

    def make(labels):
        directory = tmp_path_factory.mktemp("classifier")
        vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
        raw = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
        raw.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
        raw.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        names = dict(zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=True))
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=raw, **{f"{name}_token": token for name, token in names.items()}
        ).save_pretrained(directory)
        torch.manual_seed(0)
        config = transformers.BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=66,
            initializer_range=0.5,
            id2label=labels,
            label2id={label: i for i, label in labels.items()},
        )
        transformers.BertForSequenceClassification(config).save_pretrained(directory)
        return directory

    return make


def engine_of(directory):
    return EntailmentEngine(locate(find_card(str(directory)), directory), device="cpu", dtype="float32")


def ask(engine, *requests):
    for ticket, request in enumerate(requests):
        engine.admit(ticket, request)
    return {news.ticket: news.generation for news in engine.step()}


def test_the_probability_is_that_of_the_label_entailment(classifier):
    directory = classifier(MNLI)
    engine = engine_of(directory)
    answer = ask(engine, Request(TEXT, claim="the crew left ."))[0]
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(directory)
    logits = model(**tokenizer(TEXT, "the crew left .", return_tensors="pt")).logits
    assert answer.support == pytest.approx(logits.softmax(-1)[0, 2].item(), abs=1e-5)
    assert answer.text == "" and answer.new_tokens == 0


def test_a_claim_alone_equals_the_same_in_a_batch(classifier):
    engine = engine_of(classifier(MNLI))
    requests = [Request(TEXT * n, claim=claim) for n, claim in ((1, "fish ."), (4, "the mayor left ."), (40, "a boat"))]
    together = ask(engine, *requests)
    alone = [ask(engine, request)[0].support for request in requests]
    assert [together[i].support for i in range(3)] == pytest.approx(alone, abs=1e-5)
    assert len({round(support, 4) for support in alone}) == 3


@pytest.mark.parametrize(
    ("labels", "found"),
    [({0: "entailment", 1: "not_entailment"}, 0), ({0: "LABEL_0", 1: "LABEL_1"}, 1), ({0: "LABEL_0"}, 0)],
)
def test_the_label_is_found_by_name_or_place(classifier, labels, found):
    assert engine_of(classifier(labels))._label == found


def test_a_classifier_of_something_else_is_refused(classifier):
    with pytest.raises(ModelUnhealthy, match="entailment"):
        engine_of(classifier({0: "positive", 1: "negative"}))


def test_it_writes_nothing(classifier, tmp_path):
    directory = classifier(MNLI)
    with pytest.raises(InferenceFailed, match="judges"):
        engine_of(directory).admit(0, Request(TEXT))
    with pytest.raises(SettingsError, match="as judge"):
        plan(load_settings(model=str(directory)))
    with pytest.raises(SettingsError, match="no 8-bit weights"):
        plan_judge(load_settings(judge=str(directory), dtype="int8"))


ARTICLE = "\n".join(
    f"Paragraph {name} tells of the {name} harbour in detail. It adds that {name} has many boats."
    for name in ("Alpha", "Bravo", "Charlie", "Delta", "Echo")
)


class Joining(LeadEngine):
    """Writes what no sentence of the article says, in the article's words."""

    def step(self):
        text = "The Alpha harbour has many boats of Bravo in detail."
        return [replace(each, generation=replace(each.generation, text=text)) for each in super().step()]


async def test_the_pipeline_asks_it_and_its_answer_is_in_the_key_and_the_score(classifier, tmp_path, monkeypatch):
    monkeypatch.setenv("SUMMARIZER_CACHE__PATH", str(tmp_path / "cache.sqlite3"))
    results = []
    for judge in ("none", str(classifier(MNLI))):
        settings = load_settings(engine="lead", judge=judge)
        async with AsyncSummarizer(settings) as summarizer:
            summarizer._scheduler = Scheduler(Joining)
            results.append(await summarizer.summarize(ARTICLE))
            assert summarizer.info()["judge"] == judge
    plain, judged = results
    assert plain.id != judged.id
    assert plain.summary == judged.summary == "The Alpha harbour has many boats of Bravo in detail."
    assert plain.sentences[0].score != judged.sentences[0].score


def test_who_judges(classifier, tmp_path):
    directory = classifier(MNLI)
    assert plan_judge(load_settings()) is None
    assert plan_judge(load_settings(judge=str(directory))).name == directory.name
    with pytest.raises(ModelNotFound):
        plan_judge(load_settings(judge="no-such-model"))
