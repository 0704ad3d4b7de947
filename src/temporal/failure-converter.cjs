/**
 * How failures are written: message and stack trace go into a payload, which the codec encrypts. The types of failures stay readable; retries are decided by
 * them.
 *
 * CommonJS, since the SDK loads it twice by its path: bundled into the workflows, and with `require` into the process.
 */
const { DefaultFailureConverter } = require("@temporalio/common");

class EncodedFailureConverter extends DefaultFailureConverter {
  /** A copy: a failure that came from elsewhere is answered as it is kept, and encoding it in place would lose its message when it is sent a second time. */
  errorToFailureInner(...args) {
    return { ...super.errorToFailureInner(...args) };
  }
}

exports.failureConverter = new EncodedFailureConverter({ encodeCommonAttributes: true });
