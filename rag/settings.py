"""Settings: read once, from the environment and an optional file, checked when they are read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index.backends import Backend
from index.engine import Store

#: Settings of what is kept of questions and requests: no answer depends on them.
_RECORDS = frozenset("log_level log_form log_text question_log question_log_days database_url originals_url".split())
#: What is counted in a time, as the library `limits` reads it.
_RATE = r"^(\d{1,9}\s?/\s?(second|minute|hour|day))?$"
#: Settings of the chat page: no answer depends on them.
_PAGE = frozenset(("site_title", "starters", "official_name", "official_url", "chat_rate"))
#: Settings of where vectors and terms are kept: engines rank alike.
_STORE = frozenset("store milvus_uri milvus_token milvus_database milvus_name milvus_seconds".split())
#: Settings of the service: no answer depends on them.
_SERVICE = frozenset(
    "host port questions_at_once questions_waiting request_seconds stop_seconds body_seconds rate_per_address "
    "rate_per_key upload_files upload_bytes cors_origins proxies".split()
)


class Keep(StrEnum):
    """What the log of questions keeps of each."""

    TEXT = "text"  #: its words and how they were read
    READING = "reading"  #: how it was read, not its words
    OFF = "off"  #: nothing


class LogForm(StrEnum):
    """How a line of the service's own log is written."""

    TEXT = "text"
    JSON = "json"


class Writer(StrEnum):
    """What writes answers."""

    EXTRACTIVE = "extractive"
    TRANSFORMERS = "transformers"
    OPENAI = "openai"


class Settings(BaseSettings):
    """All settings. Environment variables `DISTRICT_QA_<NAME>` come before `district-qa.toml` in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="DISTRICT_QA_", toml_file="district-qa.toml", extra="forbid", frozen=True
    )

    data_dir: Path = Field(Path("data"), description="folder for all that is built at run time")
    encoder: str = Field("", description="sentence-transformers id or folder; empty for the embedded model")
    encoder_backend: Backend = Field(
        Backend.AUTO,
        description="engine of the embedded model: auto (the fastest exact enough here), onnx-int8, onnx or torch",
    )
    query_prefix: str = Field("query: ", max_length=500, description="put before a question when it is encoded")
    passage_prefix: str = Field("passage: ", max_length=500, description="put before a passage when it is encoded")
    store: Store = Field(Store.FAISS, description="what keeps vectors and terms of the next build: faiss or milvus")
    milvus_uri: str = Field("", description="address of a Milvus server, such as http://10.0.0.5:19530")
    milvus_token: SecretStr = Field(SecretStr(""), description="token, or user:password, for Milvus")
    milvus_database: str = Field("default", min_length=1, max_length=200, description="database in Milvus")
    milvus_name: str = Field(
        "district_qa",
        pattern="^[A-Za-z][A-Za-z0-9_]{0,99}$",
        description="beginning of the names of collections in Milvus, and alias; one for each data folder",
    )
    milvus_seconds: float = Field(10, gt=0, le=600, description="how long a call to Milvus may take")
    dense_weight: float = Field(0.5, ge=0, le=1, description="share of the dense side in the fusion")
    keyword_weight: float = Field(0.5, ge=0, le=1, description="share of the keyword side in the fusion")
    reranker: str = Field("", description="sentence-transformers CrossEncoder, id or folder; empty for none")
    generator: Writer = Field(
        Writer.EXTRACTIVE,
        description="what writes answers: extractive (the documents' sentences), transformers (a model here), openai "
        "(a service that speaks OpenAI's chat completions)",
    )
    model: str = Field(
        "", max_length=500, description="language model: folder, hub id, GGUF file, or a service's name for it"
    )
    model_url: str = Field("http://127.0.0.1:8000/v1", description="address of the service, for generator = openai")
    model_key: SecretStr = Field(SecretStr(""), description="key of the service, where it wants one; never shown")
    model_device: str = Field("auto", description="where a model here computes: auto, cpu, cuda:0, …")
    model_dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field("auto", description="its number format")
    model_context: int = Field(8192, ge=512, le=1_000_000, description="tokens of a request and its answer together")
    model_tokens: int = Field(512, ge=16, le=8192, description="tokens of an answer at most")
    model_temperature: float = Field(0.0, ge=0, le=2, description="0 for the likeliest words, the same ones every time")
    model_seconds: float = Field(60.0, gt=0, le=3600, description="longest time for an answer, waiting included")
    model_silence: float = Field(20.0, gt=0, le=3600, description="longest wait for a service's next piece")
    model_attempts: int = Field(3, ge=1, le=10, description="attempts at a service that is busy or not there")
    model_at_once: int = Field(1, ge=1, le=64, description="answers that a model here writes at the same time")
    model_queries: bool = Field(
        True, description="have the model also rewrite follow-ups and translate questions, to search with"
    )
    translator: Literal["", "transformers", "openai"] = Field(
        "", description="which model fills in English for district-qa translate; empty for none"
    )
    time_match: bool = Field(True, description="weigh passages by the period and status that a question asks for")
    repair: bool = Field(True, description="put back characters that a source has lost; then run district-qa build")
    passages: int = Field(10, ge=1, le=100, description="ranked passages returned with an answer")
    max_question: int = Field(2000, ge=10, le=20_000, description="longest question accepted, in characters")
    site_title: str = Field("区情问答 · District Q&A", max_length=80, description="title of the chat page")
    starters: Path | None = Field(None, description="file of the chat's first questions; none for the shipped ones")
    official_name: str = Field("", max_length=200, description="where the official text of the documents is, as shown")
    official_url: str = Field(
        "", pattern="^(https?://.*)?$", max_length=500, description="address of the official text, a link in the chat"
    )
    chat_rate: str = Field(
        "30/minute", pattern=_RATE, description="questions of one address in the chat; empty for no limit"
    )
    host: str = Field("127.0.0.1", description="address that the service listens on")
    port: int = Field(7860, ge=1, le=65535, description="port that the service listens on")
    questions_at_once: int = Field(2, ge=1, le=64, description="questions that the service answers at the same time")
    questions_waiting: int = Field(
        32, ge=0, le=10_000, description="questions that may wait behind these; one more is told to come back (503)"
    )
    request_seconds: float = Field(
        60, ge=1, le=3600, description="longest time for one request, waiting included; then it is told so (504)"
    )
    stop_seconds: float = Field(
        20, ge=1, le=3600, description="longest time for which requests are finished when the service is told to stop"
    )
    body_seconds: float = Field(
        120, ge=1, le=3600, description="longest time in which a request must have come in whole; then 408"
    )
    rate_per_address: str = Field(
        "600/minute", pattern=_RATE, description="requests of one address, such as 600/minute; empty for no limit"
    )
    rate_per_key: str = Field(
        "600/minute", pattern=_RATE, description="requests with one key, such as 600/minute; empty for no limit"
    )
    upload_files: int = Field(20, ge=1, le=1000, description="files taken in one upload")
    upload_bytes: int = Field(
        100_000_000, ge=1000, le=2_000_000_000, description="bytes of one upload, all its files together"
    )
    cors_origins: tuple[str, ...] = Field(
        (), description='pages of other origins that may call the API, such as ["https://intranet.example"]; none'
    )
    proxies: tuple[str, ...] = Field(
        (), description='addresses of proxies whose X-Forwarded-For is believed, such as ["127.0.0.1"]; none'
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least weight of what the service logs: DEBUG, INFO, WARNING or ERROR"
    )
    log_form: LogForm = Field(LogForm.TEXT, description="how the service logs: text, or json (an object a line)")
    log_text: bool = Field(False, description="whether the service's log holds the words of questions")
    question_log: Keep = Field(
        Keep.TEXT, description="what is kept of questions: text, reading (how they were read, not their words) or off"
    )
    question_log_days: int = Field(180, ge=1, le=3650, description="days for which questions are kept")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL database for the log of questions, keys and jobs: postgresql://USER:PASSWORD@HOST:5432/"
        "NAME; empty for files in the data folder",
    )
    originals_url: str = Field(
        "",
        max_length=500,
        description="S3-compatible storage of original files: s3://BUCKET/PREFIX, one for each data folder; empty for "
        "the data folder itself",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def index_dir(self) -> Path:
        """Folder of the index."""
        return self.data_dir / "index"

    @property
    def translations_dir(self) -> Path:
        """Folder of the English that was added to the shipped edition."""
        return self.data_dir / "translations" / "en"

    @model_validator(mode="after")
    def _names_its_model(self) -> Settings:
        if not self.model and (self.generator is not Writer.EXTRACTIVE or self.translator):
            raise ValueError(
                f"generator is {self.generator.value!r} and translator {self.translator!r}, but no model is named; set "
                "DISTRICT_QA_MODEL to a folder, hub id or GGUF file, or to the name that a service has for it"
            )
        return self

    def answering(self) -> dict[str, bool | int | float | str]:
        """Return the settings that an answer depends on; what built the index is named in its manifest."""
        elsewhere = {"data_dir", "encoder", "model_key", "translator"}
        return self.model_dump(mode="json", exclude=elsewhere | _PAGE | _SERVICE | _RECORDS | _STORE)
