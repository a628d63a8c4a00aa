"""Whether the instance is there."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AnswerModel


class Health(AnswerModel):
    """The database has answered."""

    status: Literal["ok"]
    version: Annotated[str, Field(examples=["19.0.1.0.0"])]
    database: Literal["ok"]
