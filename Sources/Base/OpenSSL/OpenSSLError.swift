internal import COpenSSL

/// OpenSSL refused. `reason` is its own text, without any content of what it was given.
package struct OpenSSLError: Error, Hashable, Sendable {
    /// What was being done, lower case: `read certificate`.
    package let operation: String
    package let reason: String

    package init(_ operation: String, reason: String) {
        self.operation = operation
        self.reason = reason
    }

    /// Takes the newest entry of this thread's error queue and empties the queue.
    static func last(_ operation: String) -> OpenSSLError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let text = ERR_reason_error_string(code) else { return OpenSSLError(operation, reason: "no reason given") }
        return OpenSSLError(operation, reason: String(cString: text))
    }
}
