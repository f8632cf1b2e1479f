"""What the service and boto3 say when something is wrong, as errors that mean something to the rest of the product."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from urllib3.exceptions import HTTPError

from media_pipeline.storage.base import MultipartGone, PartsChanged, StorageDenied, StorageUnavailable

_MISSING = {"NoSuchKey", "NotFound", "404"}
_CHANGED = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}
_FULL = {"QuotaExceeded", "InsufficientStorage", "NoSpaceLeftOnDevice", "XMinioStorageFull", "507"}
_LATER = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "Throttling", "OperationAborted"}


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Whatever boto3 raises inside becomes an OSError (or one of the errors of `base`) about `what`."""
    try:
        yield
    except ClientError as error:
        raise _meaning(error, what) from error
    except S3UploadFailedError as error:  # what boto3 makes of the former when it sends a file in parts
        if isinstance(error.__context__, ClientError):
            raise _meaning(error.__context__, what) from error
        raise StorageUnavailable(errno.EIO, str(error), what) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StorageDenied(errno.EACCES, f"no keys for the storage: {error}", what) from error
    except (BotoCoreError, HTTPError) as error:  # no connection, none in time, or one that broke off
        raise StorageUnavailable(errno.EIO, str(error), what) from error


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _meaning(error: ClientError, what: str) -> Exception:
    code, said = code_of(error), str(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _MISSING:
        return FileNotFoundError(errno.ENOENT, said, what)
    if code == "NoSuchUpload":
        return MultipartGone(what)
    if code in _CHANGED:
        return PartsChanged(what)
    if code in _FULL or status == 507:
        return OSError(errno.ENOSPC, said, what)
    if code in _LATER or status >= 500 or status == 429:
        return StorageUnavailable(errno.EIO, said, what)
    return StorageDenied(errno.EACCES, said, what)
