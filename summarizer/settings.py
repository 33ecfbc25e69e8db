"""Every setting, read once from the environment (``SUMMARIZER_…``) and the config file. Nothing else reads either.

Flag > environment > file > default; an empty value of the environment counts as not given. The file is
``summarizer.toml`` in the working directory, or the one that ``SUMMARIZER_CONFIG`` names; a group is a table of it
(``[cache]``), or its values stand alone (``cache__path``).
"""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableValue

from summarizer.errors import SettingsError

_log = logging.getLogger(__name__)
EngineName = Literal["auto", "transformers", "openvino", "openai", "lead"]
_PREFIX = "SUMMARIZER_"
_FILE, _FILE_VARIABLE = "summarizer.toml", f"{_PREFIX}CONFIG"
# What Kubernetes and Docker set where a service is called "summarizer", or begins so (SUMMARIZER_PORT=tcp://…).
_LINKS = re.compile(rf"{_PREFIX}(?:\w+_)?(?:SERVICE_(?:HOST|PORT)|PORT_\d|PORT=\w+://)")
_NO_HOME = Path("/nonexistent")  # what the accounts of users without a home name


def _at_home(path: Path) -> Path:
    """The path with ``~`` expanded: no shell does it in a file, nor in a container's environment."""
    try:
        return path.expanduser()
    except RuntimeError:  # what pydantic takes for no error of the value's
        raise ValueError("there is no such home directory") from None


def _name_or_path(name: str) -> str:
    if not name.strip():
        raise ValueError("this is empty")
    return str(_at_home(Path(name))) if name.startswith("~") else name


_Path = Annotated[Path, AfterValidator(_at_home)]
_NameOrPath = Annotated[str, AfterValidator(_name_or_path)]


def _beneath(folder: Callable[[str], Path], *names: str) -> Path:
    """A place in one of the user's folders."""
    try:
        return folder("summarizer").joinpath(*names)
    except RuntimeError:  # no HOME, and a user without an account, as in a container: not all need the place
        return _NO_HOME.joinpath("summarizer", *names)


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CacheSettings(_Group):
    """The summary cache."""

    enabled: bool = Field(True, description="Whether summaries are cached.")
    path: _Path = Field(
        default_factory=lambda: _beneath(platformdirs.user_cache_path, "summaries.sqlite3"),
        description="The SQLite file.",
    )
    url: SecretStr | None = Field(
        None, description="A Redis or Valkey server that several processes share, in place of the file."
    )
    ttl_s: float = Field(30 * 86400.0, gt=0, description="How long a summary is kept, in seconds.")
    max_bytes: int = Field(
        512 * 2**20,
        ge=2**16,
        description="Size bound of the file; the least recently used go first. A server has its own (maxmemory).",
    )
    memory_entries: int = Field(1024, ge=0, description="Entries of the in-process LRU in front of the file or server.")


class FetchSettings(_Group):
    """Pages and feeds that are named by their address."""

    timeout_s: float = Field(20.0, gt=0, description="How long a page may take, redirects included.")
    max_bytes: int = Field(8_000_000, ge=1, description="Largest page, in bytes after decompression.")
    allow_private: bool = Field(False, description="Whether addresses of private networks may be fetched.")
    user_agent: str = Field(
        "summarizer", pattern="^[!-~]([ -~]*[!-~])?$", description="What the fetcher calls itself, in ASCII."
    )


class QueueSettings(_Group):
    """The door of the service: answers from the cache and checks count as well."""

    max_requests: int = Field(512, ge=1, description="Requests that may be inside; more are refused at once.")
    max_characters: int = Field(
        64_000_000, ge=1, description="Characters that may be inside; those of a page count once it is read."
    )
    deadline_s: float = Field(120.0, gt=0, description="How long a request may take, waiting included.")


class OpenAiSettings(_Group):
    """The server behind the engine ``openai``."""

    base_url: str | None = Field(
        None, pattern="^https?://", description="An OpenAI-compatible server, up to and with /v1 (engine openai)."
    )
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token.")
    model: str | None = Field(None, description="The model's name at that server, where it is not MODEL.")
    context_tokens: int = Field(8192, ge=512, description="Prompt and output together, in tokens of that model.")
    max_concurrency: int = Field(8, ge=1, description="Requests at that server at once.")
    timeout_s: float = Field(60.0, gt=0, description="How long that server may write nothing of what it was asked.")
    retries: int = Field(3, ge=0, description="Tries after the first, where it is busy, failing or out of reach.")


class ServerSettings(_Group):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    max_body_bytes: int = Field(1_000_000, ge=1, description="Largest text that HTTP takes, in bytes of UTF-8.")
    max_html_bytes: int = Field(4_000_000, ge=1, description="Largest page that HTTP takes, in bytes of UTF-8.")
    fetch: bool = Field(True, description="Whether a request may name the address of a page in place of a text.")
    shutdown_grace_s: float = Field(30.0, ge=0, description="How long requests taken may finish after SIGTERM.")


class Settings(BaseSettings):
    """All settings; each component receives only its own group."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,  # as a container passes on what is not set
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,  # it may be a password
    )

    model: _NameOrPath = Field("smollm2-135m-news", description="Model card, Hugging Face id or local path.")
    judge: _NameOrPath = Field(
        "none",
        description="Who gives a second opinion on each sentence: none, smollm2-135m-judge, or the card, Hugging Face "
        "id or path of an entailment model.",
    )
    engine: EngineName = Field("auto", description="auto, transformers, openvino, openai or lead (no model).")
    models_dir: _Path = Field(
        default_factory=lambda: _beneath(platformdirs.user_data_path, "models"),
        description="Where pulled weights lie.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the model runs.")
    dtype: Literal["auto", "float32", "bfloat16", "float16", "int8"] = Field(
        "auto",
        description="auto takes what the hardware does well: for openvino, bfloat16 or else int8 (8-bit weights).",
    )
    threads: int = Field(0, ge=0, description="CPU threads of the model; 0 takes what the CPU quota allows.")
    max_characters: int = Field(20_000_000, ge=1, description="Longest article, in characters.")
    cache: CacheSettings = Field(default_factory=CacheSettings)
    fetch: FetchSettings = Field(default_factory=FetchSettings)
    queue: QueueSettings = Field(default_factory=QueueSettings)
    openai: OpenAiSettings = Field(default_factory=OpenAiSettings)
    server: ServerSettings = Field(default_factory=ServerSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flag (init) > environment > file > default."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=_read_file())


def _read_file() -> dict[str, Any]:
    """The values of the config file; none where there is no file and none is named.

    Raises:
        SettingsError: The file cannot be read.
    """
    named = os.environ.get(_FILE_VARIABLE)
    path = Path(named or _FILE)
    try:
        if not named and not path.exists():
            return {}
        return _nested(tomllib.loads(_at_home(path).read_text(encoding="utf-8-sig")))
    except OSError as error:
        hint = f"{_FILE_VARIABLE} names it." if named else f"Go to another folder, or name a file in {_FILE_VARIABLE}."
        raise SettingsError(f"{path}: {error.strerror or 'cannot be read'}.", hint=hint) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: this is not UTF-8 (byte {error.start}).") from None
    except ValueError as error:
        raise SettingsError(f"{path}: {error}.") from error


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """``{"cache__path": …}`` as ``{"cache": {"path": …}}``, beside what stands in a table already."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        group, nested, rest = name.partition("__")
        inner = _nested({rest: value}) if nested else _nested(value) if isinstance(value, dict) else value
        known = found.setdefault(group, inner)
        if known is not inner:
            if not isinstance(known, dict) or not isinstance(inner, dict) or known.keys() & inner.keys():
                raise ValueError(f"{group} is set twice")
            known |= inner
    return found


def _warn_of_unknown() -> None:
    """Names each variable of the environment that looks like a setting and is none, and the one nearest to it."""
    known = [_FILE_VARIABLE]
    for name, field in Settings.model_fields.items():
        group = field.annotation
        nested = group.model_fields if isinstance(group, type) and issubclass(group, _Group) else ()
        known += [f"{_PREFIX}{each.upper()}" for each in (name, *(f"{name}__{inner}" for inner in nested))]
    for name, value in os.environ.items():
        given = name.upper()
        if given.startswith(_PREFIX) and given not in known and not _LINKS.match(f"{given}={value}"):
            (nearest,) = get_close_matches(given, known, n=1, cutoff=0)
            _log.warning("%s is no setting; the nearest one is %s.", name, nearest)


def load_settings(**flags: object) -> Settings:
    """Reads the settings; ``flags`` (``None`` = not given; ``cache__path`` is one of a group) win over everything.

    Raises:
        SettingsError: A value is missing, of the wrong type, or contradicts another, or the file cannot be read.
    """
    _warn_of_unknown()
    try:
        return Settings(**_nested({name: value for name, value in flags.items() if value is not None}))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"The settings cannot be used: {problems}.") from error
    except UnreadableValue as error:  # what stands in the place of a group
        hint = "The values of a group are set one by one, as in SUMMARIZER_CACHE__ENABLED=false."
        raise SettingsError(f"The settings cannot be used: {error}.", hint=hint) from error
