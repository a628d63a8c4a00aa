"""Lago's error bodies, one a status."""

from typing import Annotated, Literal

from pydantic import Field, RootModel
from pydantic.json_schema import SkipJsonSchema

from .base import AnswerModel
from .command import ServiceStateAnswer


class BadRequestBody(AnswerModel):
    """Not JSON, without its root key, with a NUL in it, or with an API key where others read it."""

    status: Literal[400]
    error: Annotated[
        str,
        Field(
            pattern="^BadRequest: ",
            examples=[
                "BadRequest: param is missing or the value is empty or invalid: customer",
            ],
        ),
    ]
    code: Literal["api_key_in_url", "api_key_in_body"] | SkipJsonSchema[None] = None


class UnauthorizedBody(AnswerModel):
    """No key, or not a good one."""

    status: Literal[401]
    error: Literal["Unauthorized"]


class ForbiddenBody(AnswerModel):
    """The key may not do this, or Lago sells it under a licence."""

    status: Literal[403]
    error: Literal["Forbidden"]
    code: Annotated[str, Field(examples=["write_action_not_allowed_for_customer"])]


class NotFoundBody(AnswerModel):
    """Not there, or another service's."""

    status: Literal[404]
    error: Literal["Not Found"]
    code: Annotated[str, Field(pattern="_not_found$", examples=["customer_not_found"])]


class NotAllowedBody(AnswerModel):
    """It is in the wrong state for this. (Not the verb: an unknown verb is a 404.)"""

    status: Literal[405]
    error: Literal["Method Not Allowed"]
    code: Annotated[str, Field(examples=["no_active_subscription"])]


class SupersededBody(AnswerModel):
    """A newer command was issued: here it is. Nothing was confirmed."""

    status: Literal[409]
    error: Literal["Conflict"]
    code: Literal["command_superseded"]
    service_state: ServiceStateAnswer


class TooLargeBody(AnswerModel):
    """A body over 10 MB."""

    status: Literal[413]
    error: Literal["Request Entity Too Large", "Content Too Large"]


class ErrorDetails(RootModel[dict[str, "list[str] | ErrorDetails"]]):
    """Field to codes; what is nested, and batches by index, nest the same way."""


class InvalidBody(AnswerModel):
    """Every wrong field at once, with Lago's codes."""

    status: Literal[422]
    error: Literal["Unprocessable Entity"]
    code: Literal["validation_errors"]
    error_details: Annotated[
        ErrorDetails, Field(examples=[{"external_id": ["value_is_mandatory"]}])
    ]


class TooManyRequestsBody(AnswerModel):
    """The key has had its requests; `Retry-After` says when it may go on. Nothing was done."""

    status: Literal[429]
    error: Literal["Too Many Requests"]
    code: Literal["too_many_requests"]


BODIES = {
    400: BadRequestBody,
    401: UnauthorizedBody,
    403: ForbiddenBody,
    404: NotFoundBody,
    405: NotAllowedBody,
    409: SupersededBody,
    413: TooLargeBody,
    422: InvalidBody,
    429: TooManyRequestsBody,
}
"""HTTP status -> what its body is."""
