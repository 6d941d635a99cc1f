"""Settings from the environment; every one has a default that works with nothing set."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_STORE = "completejourney"
DEFAULT_MODEL = "smollm2-135m-instruct"


class Settings(BaseSettings):
    """What may be configured; read once, in `wiring`."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=lambda: user_data_path("shopping-assistant"),
        description="data home: models, stores, database, logs",
    )
    model: str = Field(
        default=DEFAULT_MODEL,
        description="the bundled default model's name, a folder, or a Hugging Face model id",
    )
    engine_url: str | None = Field(
        default=None,
        description="base URL of an OpenAI-compatible engine to use instead of starting one",
    )
    engine_api_key: str = Field(
        default="", description="key for ASSISTANT_ENGINE_URL, where it needs one"
    )
    engine_eager: bool = Field(
        default=True,
        description="skip compilation: starts three times sooner, as fast on a CPU",
    )
    engine_options: str = Field(
        default="",
        description="further options for vLLM, as on its command line: --tensor-parallel-size 2",
    )
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL; by default shop.db in the data home"
    )
    chroma_url: str | None = Field(
        default=None,
        description="URL of a `chroma run` server on a private network; embedded by default",
    )
    store: str = Field(default=DEFAULT_STORE, description="the store to open when none is named")
    reply_timeout: float = Field(
        default=8.0, gt=0, description="seconds the model may take for one answer"
    )

    @property
    def resolved_database_url(self) -> str:
        """The database's URL with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'shop.db'}"
