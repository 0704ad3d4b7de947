"""The settings of Python's own TLS as its newest release has them, whichever release this is."""

import ssl


def context(authority):
    """Certificate, address and form are checked: from Python 3.13 on the last is the default."""
    made = ssl.create_default_context(cafile=authority)
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    return made
