"""The one way in which a row cannot be run."""


class CannotRun(Exception):
    """Says in one sentence why a row has no number: a server that did not start, a wrong answer, a missing tool."""
