"""What can go wrong on the way into the warehouse. A message says what and where, then what to do.

TwinledgerError
├── SettingsError (a ValueError)   a key in the settings file and the remedy
├── SourceError                    a source could not be read
│   ├── TransientError             worth a retry: time-out, 429, 5xx
│   └── RefusedError               not worth one: a missing folder, a payload we cannot read
├── HistoryError                   a repository could not be read: repository, commit, remedy
├── WarehouseError                 a schema step, a load or a check failed: nothing is published
├── AbsentError (a LookupError)    what was asked for is not there: a repository, a path, a line
├── BusyError                      another ingest holds the lock
└── OccupiedError (a FileExistsError)  a folder or file is there already and is not ours to overwrite
"""


class TwinledgerError(Exception):
    """Anything twinledger explains to its user instead of showing a traceback."""


class SettingsError(TwinledgerError, ValueError):
    """A key of the settings file is missing, unknown or wrong."""


class SourceError(TwinledgerError):
    """A source could not be read."""


class TransientError(SourceError):
    """Worth a retry."""


class RefusedError(SourceError):
    """Not worth a retry before somebody mends it."""


class HistoryError(TwinledgerError):
    """A repository's history could not be read."""


class WarehouseError(TwinledgerError):
    """A schema step, a load or a check failed; the published generation stays as it was."""


class AbsentError(TwinledgerError, LookupError):
    """A repository, a path or a line that was asked for is not there."""


class BusyError(TwinledgerError):
    """Another ingest is running."""


class OccupiedError(TwinledgerError, FileExistsError):
    """Something stands where we were asked to write."""
