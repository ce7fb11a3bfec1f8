package import OpenSSL

/// Why a test hierarchy cannot be made, read or used.
package enum TestPKIError: Error, Hashable, Sendable {
    /// A file or folder that cannot be read or written, and the system's reason.
    case file(path: String, reason: String)
    /// A file of the folder holds something else than the hierarchy wrote there.
    case malformed(path: String)
    case openSSL(OpenSSLError)
}

extension TestPKIError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .malformed(let path): "\(path) does not belong to a test hierarchy"
        case .openSSL(let error): "cannot \(error.operation): \(error.reason)"
        }
    }
}

/// Runs `body` with OpenSSL's errors as errors of this room.
func crypto<Result>(_ body: () throws(OpenSSLError) -> Result) throws(TestPKIError) -> Result {
    do { return try body() } catch { throw .openSSL(error) }
}
