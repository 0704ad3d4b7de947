"""The one error that ends a request: its code and message go into the result, so neither may carry a secret."""


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message
