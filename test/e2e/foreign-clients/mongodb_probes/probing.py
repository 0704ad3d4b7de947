"""What probes are made of."""


class WrongAnswer(Exception):
    """The server took what it was asked, and did something else."""


class Place:
    """Where a probe runs: a client, its database and an empty collection of the probe's own."""

    def __init__(self, client, database, name):
        self.client = client
        self.database = database
        self.name = name
        self.collection = database[name]

    def other(self, suffix="other"):
        return self.database[f"{self.name}_{suffix}"]

    def insert(self, *documents):
        self.collection.insert_many([dict(document) for document in documents])

    def ids(self, *arguments, **options):
        return sorted(document["_id"] for document in self.collection.find(*arguments, **options))


class Probes(dict):
    """By the feature's name, in order."""

    def __call__(self, name):
        def add(probe):
            self.add(name, probe)
            return probe

        return add

    def add(self, name, probe):
        assert name not in self, name
        self[name] = probe


def same(actual, expected):
    if actual != expected or type(actual) is not type(expected):
        raise WrongAnswer(f"{actual!r} instead of {expected!r}")


def refused(work, errors, code=None):
    """Work that a server must not let through."""
    try:
        work()
    except errors as error:
        if code is not None and getattr(error, "code", None) != code:
            raise WrongAnswer(f"refused with code {getattr(error, 'code', None)} instead of {code}") from error
        return
    raise WrongAnswer("it was let through")
