"""Settings from the config file and the environment: what is accepted, and that what is not is one error."""

import os
import pwd
import traceback
from pathlib import Path

import pytest

from summarizer.errors import SettingsError
from summarizer.settings import CacheSettings, load_settings


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Writes ``summarizer.toml`` into the working directory; bytes as they are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUMMARIZER_CONFIG", raising=False)

    def write(text, name="summarizer.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        'cache__path = "a.sqlite3"\ncache__ttl_s = 60\nengine = "lead"',
        'engine = "lead"\n[cache]\npath = "a.sqlite3"\nttl_s = 60',
        'engine = "lead"\ncache__ttl_s = 60\n[cache]\npath = "a.sqlite3"',
        '\ufeffengine = "lead"\r\ncache = {path = "a.sqlite3", ttl_s = 60}',
    ],
)
def test_a_group_is_a_table_or_stands_in_the_names(file, text):
    file(text)
    settings = load_settings()
    assert (settings.cache.path, settings.cache.ttl_s, settings.engine) == (Path("a.sqlite3"), 60, "lead")
    assert settings.cache.enabled


def test_flag_beats_environment_beats_file_beats_default_in_a_group_too(file, monkeypatch):
    file("server__port = 1\nserver__host = 'file'\nserver__max_body_bytes = 5")
    monkeypatch.setenv("SUMMARIZER_SERVER__PORT", "2")
    monkeypatch.setenv("SUMMARIZER_SERVER__HOST", "environment")
    server = load_settings(server={"port": 3}).server
    assert (server.port, server.host, server.max_body_bytes, server.shutdown_grace_s) == (3, "environment", 5, 30)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("engine = lead", "line 1"),
        (b"engine = 'caf\xe9'", "UTF-8"),
        ("nonsense = 1", "nonsense"),
        ("cache__nonsense = 1", "cache.nonsense"),
        ("cache__ttl_s = 1\n[cache]\nttl_s = 2", "cache is set twice"),
        ("cache = 1\ncache__ttl_s = 1", "cache is set twice"),
        ("cache = 'off'", "cache"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(file, text, message):
    file(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["off", "{", "[1]"])
def test_a_value_in_the_place_of_a_group_is_told(file, monkeypatch, value):
    monkeypatch.setenv("SUMMARIZER_CACHE", value)
    with pytest.raises(SettingsError, match="cache") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_the_named_file_is_read_and_has_to_be_there(file, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    file("threads = 1")
    file("threads = 2", "other.toml")
    assert load_settings().threads == 1
    for name in ("other.toml", "~/other.toml"):
        monkeypatch.setenv("SUMMARIZER_CONFIG", name)
        assert load_settings().threads == 2
    monkeypatch.setenv("SUMMARIZER_CONFIG", "")  # as a container passes on what is not set
    assert load_settings().threads == 1
    for name in ("nowhere.toml", ".", "~no-such-user/a.toml"):
        monkeypatch.setenv("SUMMARIZER_CONFIG", name)
        with pytest.raises(SettingsError):
            load_settings()


def test_a_tilde_is_the_home_directory(file, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ines")
    monkeypatch.setenv("SUMMARIZER_MODELS_DIR", "~/weights")
    file('cache__path = "~/c.sqlite3"\nmodel = "~/weights/mine"\njudge = "org/model"')
    settings = load_settings()
    assert settings.models_dir == Path("/home/ines/weights") and settings.cache.path == Path("/home/ines/c.sqlite3")
    assert (settings.model, settings.judge) == ("/home/ines/weights/mine", "org/model")
    with pytest.raises(SettingsError, match="home directory"):
        load_settings(models_dir="~no-such-user/weights")


def test_an_empty_value_of_the_environment_is_not_given(file, monkeypatch):
    names = ("MODEL", "JUDGE", "ENGINE", "CACHE", "CACHE__ENABLED", "CACHE__URL", "OPENAI__API_KEY", "SERVER__PORT")
    file('judge = "org/model"')
    expected = load_settings()
    for name in names:
        monkeypatch.setenv(f"SUMMARIZER_{name}", "")
    assert load_settings() == expected and expected.judge == "org/model"


def test_a_variable_that_is_no_setting_is_named_with_the_nearest_and_without_its_value(file, monkeypatch, caplog):
    kubernetes = {
        "PORT": "tcp://10.0.0.1:8000",
        "PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "SERVICE_PORT_HTTP": "8000",
        "API_PORT": "tcp://10.0.0.2:80",
        "API_SERVICE_HOST": "10.0.0.2",
    }
    for name, value in ({"CAHCE__ENABLED": "hush", "MODLE": "hush", "config": "", "model": "a/b"} | kubernetes).items():
        monkeypatch.setenv(f"SUMMARIZER_{name}", value)
    load_settings()
    assert [record.getMessage() for record in caplog.records] == [
        "SUMMARIZER_CAHCE__ENABLED is no setting; the nearest one is SUMMARIZER_CACHE__ENABLED.",
        "SUMMARIZER_MODLE is no setting; the nearest one is SUMMARIZER_MODEL.",
    ]


@pytest.mark.parametrize("flags", [{"model": ""}, {"judge": " "}])
def test_a_model_without_a_name_is_refused(flags):
    with pytest.raises(SettingsError, match="empty"):
        load_settings(**flags)


def test_no_error_shows_what_was_given(file, monkeypatch):
    monkeypatch.setenv("SUMMARIZER_OPENAI__API_KEY", '{"key": "hush"}')
    monkeypatch.setenv("SUMMARIZER_CACHE__URLS", "redis://:hush@host")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "hush" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(ValueError, match="urls") as wrong:
        CacheSettings(urls="redis://:hush@host")
    assert "hush" not in str(wrong.value)


def test_a_folder_that_cannot_be_looked_into_is_one_line(file, tmp_path):
    file("threads = 1")
    tmp_path.chmod(0)
    user = os.geteuid()
    try:
        os.seteuid(user or 65_534)  # root may look into every folder
        with pytest.raises(SettingsError, match=r"summarizer\.toml: .*SUMMARIZER_CONFIG"):
            load_settings()
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o700)


def test_who_has_no_home_gets_settings_all_the_same(file, monkeypatch):
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: pwd.getpwnam(f"no account has the number {uid}"))
    settings = load_settings()
    assert settings.cache.path == Path("/nonexistent/summarizer/summaries.sqlite3")
    assert settings.models_dir == Path("/nonexistent/summarizer/models")


@pytest.mark.parametrize("port", [-5, 99999, "http"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(SettingsError, match=r"server\.port"):
        load_settings(server={"port": port})
